// XGBoost's C interface, as Debian's libxgboost-dev installs it. Only learning goes through it: grown trees are ours.
#include <stdint.h>
#include <xgboost/c_api.h>

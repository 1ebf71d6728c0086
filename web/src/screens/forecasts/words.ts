import type { SiteForecast } from "../../api/types";
import { number, percent, quantity } from "../../format";
import { isNever } from "../../logic/forecasts";
import { t } from "../../text";

/// One quantile of a forecast with its unit.
export function figure(forecast: SiteForecast, value: number): string {
    if (forecast.unit === "1") return percent(value, 0);
    const unit = forecast.unit === "h" ? t("forecast.hours") : t("forecast.days");
    const decimals = value < 10 ? 1 : 0;
    return isNever(forecast.kind, value) ? t("forecast.never", { n: quantity(value, unit) }) : quantity(value, unit, decimals);
}

export function band(forecast: SiteForecast): string {
    const scale = forecast.unit === "1" ? 100 : 1;
    const decimals = scale === 1 && forecast.p10 < 10 ? 1 : 0;
    return `${number(forecast.p10 * scale, decimals)} – ${figure(forecast, forecast.p90)}`;
}

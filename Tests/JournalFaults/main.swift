import Glibc

fputs("usage: JournalFaults simulate|states|truncate|flips|calls\n", stderr)
exit(2)

"""`python -m edgeaffect.bench`: where the time goes on this machine, measured so that two runs can be compared.

The report is one JSON document (`bench.schema.json`); `compare` judges two of them, `report_html` draws one;
docs/benchmark.md explains both to users.

Verified on hardware: x86-64 without sensors (a virtual machine). Unverified, written after kernel and vendor
documentation and tested on trees built from it (tests/bench_trees.py): Jetson Orin (power modes, rails, clocks,
tegrastats), Raspberry Pi 5 (throttling), laptops and desktops (RAPL, cpufreq, batteries), NVML, CUDA events. Whoever
has such a machine can send what `--record-sysfs` writes.
"""

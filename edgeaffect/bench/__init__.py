"""`python -m edgeaffect.bench`: where the time goes on this machine, measured so that two runs can be compared.

run.py runs the parts (parts/) with the models and frames of context.py; stats/ times calls and judges differences;
host/ reads what the machine tells; report/ holds the report as dataclasses and writes it as JSON (`bench.schema.json`),
text, Markdown, CSV and HTML. docs/benchmark.md explains all of it to users, and what was verified on hardware.
"""

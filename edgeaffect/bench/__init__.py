"""`python -m edgeaffect.bench`: where the time goes on this machine, measured so that two runs can be compared.

The report is one JSON document (`bench.schema.json`); `compare` judges two of them, `html` draws one.
"""

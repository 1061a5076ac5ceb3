"""How a register file becomes changes to schools, and how those are written and taken back.

* `record` – a school as plain values: what the register says, laid over what we had; and how two records differ.
* `places` – wards: which one a school lies in, and where its middle is.
* `standing` – the records as they stand in the database, many at a time.
* `compare` – a reading of a file against what stands: changes, refusals and counts of a batch.
* `write` – records into the tables, in bulk.
* `dependents` – which schools and groups other records rely on, so that taking back an import breaks nothing.

Only `actions` calls these.
"""

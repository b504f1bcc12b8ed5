"""The breaks by family; `contract_tests.rehearsal.table` has them all."""

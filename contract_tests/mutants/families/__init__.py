"""The mutants by family; `contract_tests.mutants.table` has them all."""

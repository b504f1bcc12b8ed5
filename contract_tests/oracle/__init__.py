"""What an answer has to be: every admissible prediction of the contract, compared with what came."""

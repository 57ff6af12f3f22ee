"""Federation: peers, signed requests, secrets, submissions, runs, evidence, pseudonyms, witnessing."""

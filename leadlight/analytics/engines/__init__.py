"""Where the star lies and its questions are run: each engine is a dialect and `run(sql)`."""

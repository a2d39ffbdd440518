# Thin names for tools/bootstrap.py, which does the set-up and the work.
.PHONY: practice test soak bench
practice test soak bench:
	python3 tools/bootstrap.py $@ $(ARGS)

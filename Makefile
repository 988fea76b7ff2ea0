# The commands of this project; `make` alone lists them.
.PHONY: help check test bless bench demo fuzz page

help:
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/'

check: ## formatting, lints and documentation without a warning
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked

page: ## the map page of `torrid serve` and of maps of one file, from web/ into web/dist (needs npm)
	cd web && npm ci --no-audit --no-fund && npm run check && npm test && npm run build

test: ## every test, example and documented command
	cargo test --locked

bless: ## draw the golden pictures anew; look at the difference before you commit it
	BLESS=1 cargo test --locked --test golden

bench: ## time torrid beside its peers and write docs/benchmarks*.md
	cargo build --release --locked
	python3 benches/peers.py
	python3 benches/density.py
	python3 benches/tiles.py
	python3 benches/serve.py
	python3 benches/figure.py
	python3 benches/tracks.py

demo: ## draw the pictures of the README into docs/pictures
	cargo build --release --locked
	docs/demo.sh

fuzz: ## an hour of hostile inputs (needs cargo-fuzz and a nightly toolchain)
	cargo +nightly fuzz run read -- -max_total_time=3600

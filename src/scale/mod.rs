//! Density to intensity 0..1: the rules of `--norm`, fitted to a mergeable summary.

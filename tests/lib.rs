//! Tests of the whole. There is nothing here but tests.

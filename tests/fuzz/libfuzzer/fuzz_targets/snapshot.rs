#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| envsocket_fuzz::snapshot::run(bytes));

//! Tells the browser tests whether a server was started for them: without one, those that need it are
//! ignored, and say how to start it.

fn main() {
    println!("cargo::rerun-if-env-changed=ENVSOCKET_TEST_SERVER");
    println!("cargo::rustc-check-cfg=cfg(test_server)");
    if std::env::var_os("ENVSOCKET_TEST_SERVER").is_some() {
        println!("cargo::rustc-cfg=test_server");
    }
}

//! The examples run.

#[path = "../examples/compare.rs"]
mod compare;
#[path = "../examples/explain.rs"]
mod explain;
#[path = "../examples/route.rs"]
mod route;

#[test]
fn all_end_well() {
    compare::main().expect("a comparison");
    explain::main().expect("an explanation");
    route::main().expect("recipients");
}

//! Says what a change of rules does, for every user there could be: `cargo run --example compare`.
#![allow(clippy::print_stdout, reason = "a small program speaks for itself")]

use presence_router::Rules;

const OLD: &str = "routes: [{senders: {server: corp.example}, recipients: '@lobby:corp.example'}]";
const NEW: &str = "routes: [{senders: {server: '*.example'}, recipients: '@lobby:corp.example'}]";

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (old, new) = (Rules::parse("old.yaml", OLD), Rules::parse("new.yaml", NEW));
    println!("the change is {:?}", old.diff(&new)?.verdict());
    let findings = new.findings();
    print!("{}", new.told(&findings));
    Ok(())
}

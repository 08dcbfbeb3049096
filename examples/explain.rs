//! Says who sees whom, and why: `cargo run --example explain`.
#![allow(clippy::print_stdout, reason = "a small program speaks for itself")]

use presence_router::user_id::UserId;
use presence_router::{Interested, Rules};

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rules = Rules::load(["rules"])?;
    let router = rules.router([])?;
    let lobby = UserId::parse("@lobby:corp.example")?;
    match router.interested(lobby)? {
        Interested::All => println!("{} sees everyone", lobby.as_str()),
        Interested::Users(seen) => {
            for user in seen.iter().take(3) {
                let pair = rules.explain(&router, UserId::parse(user)?, lobby)?;
                println!("{} sees {user}: {:?}", lobby.as_str(), pair.verdict);
            }
        }
    }
    Ok(())
}

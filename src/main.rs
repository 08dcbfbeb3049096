//! The program `presence-router`; all that it does is in the library.

fn main() -> presence_router::cli::Exit {
    presence_router::cli::run()
}

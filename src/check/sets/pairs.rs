//! Which rules connect a user who is seen with one who sees.

use super::walk::Deviations;
use super::{Holds, Sets, Sided};

impl Sets<'_> {
    /// A route that sends a user's updates to another, or may.
    pub fn route(&self, seen: &str, seer: &str) -> Option<usize> {
        self.route_that(seen, seer, |_| true)
    }

    /// Whether some route lets a user see another by the interest that derives from it, or may.
    pub fn derived(&self, seen: &str, seer: &str) -> bool {
        let derives = |route: usize| self.routes[route].file.derive_interests;
        self.route_that(seen, seer, derives).is_some()
    }

    fn route_that(&self, seen: &str, seer: &str, fits: impl Fn(usize) -> bool) -> Option<usize> {
        let pair = (&*self.look_up(seen), &*self.look_up(seer));
        let candidates = [&pair.0.routes, &pair.1.routes, &self.open_routes];
        self.find(&self.routes, candidates, pair, |route, _| fits(route))
    }

    /// An interest that lets a user see another, or may.
    pub fn interest(&self, seen: &str, seer: &str) -> Option<usize> {
        let pair = (&*self.look_up(seen), &*self.look_up(seer));
        let candidates = [&pair.0.interests, &pair.1.interests, &self.open_interests];
        self.find(&self.interests, candidates, pair, |_, _| true)
    }

    /// A block that surely keeps a user's updates from another.
    pub fn block(&self, seen: &str, seer: &str) -> Option<usize> {
        let pair = (&*self.look_up(seen), &*self.look_up(seer));
        let candidates = [&pair.0.blocks, &pair.1.blocks, &self.open_blocks];
        self.find(&self.blocks, candidates, pair, |_, holds| {
            holds == Holds::Yes
        })
    }

    /// Routes among which are all that send to a user.
    pub fn seers_of_routes(&self, user: &str) -> Vec<usize> {
        let mut routes = self.look_up(user).routes.clone();
        routes.extend(&self.open_seers);
        routes.sort_unstable();
        routes.dedup();
        self.take(routes.len());
        routes
    }

    /// The first of some rules that connects a pair. A rule that neither of the two deviates from is an open one, so
    /// these candidates are all that there can be.
    fn find<R>(
        &self,
        rules: &[Sided<'_, R>],
        candidates: [&Vec<usize>; 3],
        (seen, seer): (&Deviations, &Deviations),
        fits: impl Fn(usize, Holds) -> bool,
    ) -> Option<usize> {
        let mut steps = 1;
        let found = candidates.into_iter().flatten().copied().find(|&index| {
            steps += 1;
            let rule = &rules[index];
            let holds = self.value(rule.seen, seen).min(self.value(rule.seer, seer));
            holds > Holds::No && fits(index, holds)
        });
        self.take(steps);
        found
    }
}

//! Which rules connect a user who is seen with one who sees.

use super::walk::Deviations;
use super::{Holds, Sets, Sided};

impl Sets<'_> {
    /// The first route that sends a user's updates to another, or may.
    pub fn route(&self, seen: &str, seer: &str) -> Option<usize> {
        self.routes_between(seen, seer).first().copied()
    }

    /// Whether some route lets a user see another by the interest that derives from it, or may.
    pub fn derived(&self, seen: &str, seer: &str) -> bool {
        let routes = self.routes_between(seen, seer);
        (routes.iter()).any(|route| self.routes[*route].file.derive_interests)
    }

    fn routes_between(&self, seen: &str, seer: &str) -> Vec<usize> {
        let of = |user: &Deviations| user.routes.clone();
        let found = self.find(&self.routes, &self.open_routes, of, (seen, seer));
        found.into_iter().map(|(index, _)| index).collect()
    }

    /// The first interest that lets a user see another, or may.
    pub fn interest(&self, seen: &str, seer: &str) -> Option<usize> {
        let of = |user: &Deviations| user.interests.clone();
        let found = self.find(&self.interests, &self.open_interests, of, (seen, seer));
        found.first().map(|(index, _)| *index)
    }

    /// The first block that surely keeps a user's updates from another.
    pub fn block(&self, seen: &str, seer: &str) -> Option<usize> {
        let of = |user: &Deviations| user.blocks.clone();
        let found = self.find(&self.blocks, &self.open_blocks, of, (seen, seer));
        let sure = found.into_iter().find(|(_, holds)| *holds == Holds::Yes);
        sure.map(|(index, _)| index)
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

    fn find<R>(
        &self,
        rules: &[Sided<'_, R>],
        open: &[usize],
        of: impl Fn(&Deviations) -> Vec<usize>,
        (seen, seer): (&str, &str),
    ) -> Vec<(usize, Holds)> {
        let (seen, seer) = (self.look_up(seen), self.look_up(seer));
        let mut candidates = of(&seen);
        candidates.extend(of(&seer));
        candidates.extend(open);
        candidates.sort_unstable();
        candidates.dedup();
        self.take(candidates.len());
        let judged = candidates.into_iter().map(|index| {
            let rule = &rules[index];
            let holds = self
                .value(rule.seen, &seen)
                .min(self.value(rule.seer, &seer));
            (index, holds)
        });
        judged.filter(|(_, holds)| *holds > Holds::No).collect()
    }
}

//! Values by number, packed.

/// What belongs to each of many small keys, in the order in which it came.
#[derive(Debug)]
pub(crate) struct Table<T> {
    /// Where the values of each key start, and after them, where those of the last one end.
    starts: Vec<u32>,
    values: Vec<T>,
}

impl<T: Copy> Table<T> {
    pub fn new(pairs: &[(u32, T)]) -> Self {
        Self::of(pairs.iter().copied())
    }

    /// The same, without a copy of the pairs: they are gone through several times.
    pub fn of(pairs: impl Iterator<Item = (u32, T)> + Clone) -> Self {
        // Nothing belongs to the keys after the last.
        let keys = pairs.clone().map(|(key, _)| key as usize + 1).max();
        let mut starts = vec![0; keys.map_or(0, |keys| keys + 1)];
        let Some((_, some)) = pairs.clone().next() else {
            return Self {
                starts,
                values: Vec::new(),
            };
        };
        for (key, _) in pairs.clone() {
            starts[key as usize + 1] += 1;
        }
        // Where the next value of each key goes, which in the end is where those of the key after it start.
        let mut sum = 0;
        for start in &mut starts[1..] {
            sum += std::mem::replace(start, sum);
        }
        let mut values = vec![some; sum as usize];
        for (key, value) in pairs {
            let next = &mut starts[key as usize + 1];
            values[*next as usize] = value;
            *next += 1;
        }
        Self { starts, values }
    }

    /// Whether nothing belongs to any key.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn get(&self, key: u32) -> &[T] {
        let key = key as usize;
        match self.starts.get(key..key + 2) {
            Some([from, to]) => &self.values[*from as usize..*to as usize],
            _ => &[],
        }
    }
}

//! Values by number, packed.

/// What belongs to each of many small keys, in the order in which it came.
#[derive(Debug)]
pub(crate) struct Table<T> {
    /// Where the values of each key start, and after them, where those of the last one end.
    starts: Vec<u32>,
    values: Vec<T>,
}

impl<T: Copy> Table<T> {
    pub fn new(pairs: Vec<(u32, T)>) -> Self {
        // Nothing belongs to the keys after the last.
        let keys = pairs.iter().map(|(key, _)| *key as usize + 1).max();
        let mut starts = vec![0; keys.map_or(0, |keys| keys + 1)];
        for (key, _) in &pairs {
            starts[*key as usize + 1] += 1;
        }
        for key in 1..starts.len() {
            starts[key] += starts[key - 1];
        }
        let mut values: Vec<T> = pairs.iter().map(|(_, value)| *value).collect();
        let mut next = starts.clone();
        for (key, value) in pairs {
            let next = &mut next[key as usize];
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

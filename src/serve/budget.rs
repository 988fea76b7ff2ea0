//! How much may be sent to the collector in a minute: by one address, and by all. No address is kept: each is a place in a
//! table, told by a hash whose key is made anew by each process, and the table is emptied every minute.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Places for addresses; two in the same share what there is.
const PLACES: usize = 1 << 16;

/// How long what was spent counts.
const MINUTE: Duration = Duration::from_mins(1);

/// What a body costs at least, in bytes: a visit to the disk.
const LEAST: u32 = 2048;

/// What is left in this minute.
pub struct Budget {
    /// Bytes that one address and that all may send in a minute.
    each: u32,
    all: u64,
    key: RandomState,
    spent: Mutex<Spent>,
}

struct Spent {
    since: Instant,
    all: u64,
    each: Vec<u32>,
}

impl Budget {
    /// So many bytes in a minute for each address, and for all.
    pub fn new(each: u32, all: u64) -> Budget {
        let spent = Spent { since: Instant::now(), all: 0, each: vec![0; PLACES] };
        Budget { each, all, key: RandomState::new(), spent: Mutex::new(spent) }
    }

    /// Takes what a body of so many bytes costs; the seconds until there is more where too little is left.
    ///
    /// # Errors
    /// When too little is left.
    pub fn spend(&self, who: IpAddr, bytes: u32) -> Result<(), u32> {
        self.spend_at(who, bytes, Instant::now())
    }

    fn spend_at(&self, who: IpAddr, bytes: u32, now: Instant) -> Result<(), u32> {
        let place = self.key.hash_one(network(who)) as usize % PLACES;
        let cost = bytes.max(LEAST);
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(spent.since) >= MINUTE {
            spent.each.fill(0);
            (spent.since, spent.all) = (now, 0);
        }
        let (each, all) = (spent.each[place].saturating_add(cost), spent.all + u64::from(cost));
        if each > self.each || all > self.all {
            let left = MINUTE.saturating_sub(now.saturating_duration_since(spent.since));
            return Err(left.as_secs() as u32 + 1);
        }
        (spent.each[place], spent.all) = (each, all);
        Ok(())
    }
}

/// The network of an address that one house has: of IPv6 the first half.
fn network(who: IpAddr) -> u128 {
    match who.to_canonical() {
        IpAddr::V4(four) => u128::from(four.to_bits()),
        IpAddr::V6(six) => six.to_bits() >> 64 << 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_use_up_what_others_have_and_gets_more_after_a_minute() {
        let budget = Budget::new(10 * LEAST, 1000 * u64::from(LEAST));
        let (a, b) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let now = Instant::now();
        let taken = (0..20).filter(|_| budget.spend_at(a, 1, now).is_ok()).count();
        assert_eq!(taken, 10);
        // One in 65536 keys has both in the same place; a second key has not.
        assert!(budget.spend_at(b, LEAST, now).is_ok() || Budget::new(LEAST, 1 << 30).spend_at(b, LEAST, now).is_ok());
        assert!(budget.spend_at(a, 1, now + MINUTE).is_ok());
    }

    #[test]
    fn all_together_have_an_end_too_and_a_house_is_one() {
        let budget = Budget::new(u32::MAX, 5 * u64::from(LEAST));
        let now = Instant::now();
        let taken = (0..=255).filter(|&i| budget.spend_at(IpAddr::from([10, 0, 0, i]), LEAST, now).is_ok()).count();
        assert_eq!(taken, 5);
        let houses = ["2001:db8::1", "2001:db8::2"].map(|six| network(six.parse().expect("an address")));
        assert_eq!(houses[0], houses[1]);
        assert_eq!(network("::ffff:10.0.0.1".parse().expect("one")), network("10.0.0.1".parse().expect("one")));
    }
}

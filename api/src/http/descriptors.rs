//! File descriptors: every connection needs one, and most systems give a process only a thousand unless it asks for
//! more.

use super::connections::Most;

/// Descriptors reserved for other purposes: the store, LMTP, outgoing connections, files, and connections that are
/// being closed.
const RESERVED: u64 = 256;
/// The default maximum number of connections, because each needs memory too.
const CONNECTIONS: u64 = 20_000;
/// By default, the maximum per address is the maximum in total divided by this.
const PART: usize = 4;

/// Raises the process's limit of file descriptors as far as the system allows, and returns it.
#[must_use]
pub fn raised() -> u64 {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(descriptors) => descriptors,
        Err(error) => {
            tracing::warn!(%error, "the limit of file descriptors cannot be raised");
            rlimit::getrlimit(rlimit::Resource::NOFILE).map_or(RESERVED * 2, |(soft, _)| soft)
        }
    }
}

/// The maximum numbers of connections for this many descriptors: the configured numbers, as far as there are
/// descriptors for them. With `proxies` of its own in front of the service there is no limit per address, because all
/// connections come from the proxies' addresses.
#[must_use]
pub fn most(descriptors: u64, (in_all, of_one): (Option<usize>, Option<usize>), proxies: usize) -> Most {
    let there_are = descriptors.saturating_sub(RESERVED).max(descriptors / 2).max(1);
    let there_are = usize::try_from(there_are).unwrap_or(usize::MAX);
    let usual = usize::try_from(CONNECTIONS).unwrap_or(usize::MAX);
    let in_all = in_all.unwrap_or(usual).clamp(1, there_are);
    let of_one = of_one.unwrap_or(in_all.div_ceil(PART)).max(1);
    Most { in_all, of_one: (proxies == 0).then_some(of_one) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_follow_from_descriptors_unless_a_setting_says_how_many() {
        for (descriptors, settings, proxies, in_all, of_one) in [
            (1_024, (None, None), 0, 768, Some(192)),
            (300, (None, None), 0, 150, Some(38)),
            (1_048_576, (None, None), 0, 20_000, Some(5_000)),
            (1_048_576, (None, None), 1, 20_000, None),
            (1_048_576, (Some(50_000), Some(100)), 0, 50_000, Some(100)),
            (1_024, (Some(50_000), Some(100)), 2, 768, None),
            (0, (Some(0), Some(0)), 0, 1, Some(1)),
        ] {
            assert_eq!(most(descriptors, settings, proxies), Most { in_all, of_one }, "{descriptors} {settings:?}");
        }
    }
}

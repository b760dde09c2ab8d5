//! Watches the feeds and wakes the topics of new events. There is one such loop per process. It reads after each commit
//! of this process, and every second in any case. Correctness depends only on the read every second, so an event of
//! another process, or a lost wake-up, is delayed by at most a second.

use std::collections::HashMap;

use entity::id::SellerId;
use sea_orm::DbErr;

use super::bus::{Bus, Topic};
use super::log;
use crate::kit::app::App;
use crate::kit::health::warn_once_a_minute;
use crate::kit::rounds::{Round, Rounds};

/// The most events that are read from a feed at once.
const MOST: u64 = 1_000;

/// The position up to which a feed was read.
#[derive(Default)]
struct Seen {
    seq: i64,
    ends: i64,
}

/// Runs the loop until the task is dropped.
pub fn watch(app: App) -> impl Future<Output = ()> + Send {
    let mut rounds = Rounds::at_once(&app, "events");
    async move {
        let bus = app.part::<Bus>();
        let mut known: Option<HashMap<SellerId, Seen>> = None;
        loop {
            rounds.begin().await;
            let round = match look(&app, &bus, &mut known).await {
                // The round also counts as active while a listener that was woken has not read everything.
                Ok(woken) => Round { found: woken || !bus.is_quiet(), next: None },
                Err(error) => {
                    warn_once_a_minute("the event feeds could not be read; trying again every second", &error);
                    Round::FAILED
                }
            };
            rounds.rest(round).await;
        }
    }
}

/// Reads once: wakes the topics of all events since the last read. Returns whether there were any.
async fn look(app: &App, bus: &Bus, known: &mut Option<HashMap<SellerId, Seen>>) -> Result<bool, DbErr> {
    let db = app.reader().db();
    let heads = log::heads(db).await?;
    let Some(known) = known else {
        // At the first read, listeners may have missed earlier events, so all of them are woken.
        bus.wake_all();
        *known = Some(
            heads.into_iter().map(|head| (head.seller_id, Seen { seq: head.last_seq, ends: head.ends })).collect(),
        );
        return Ok(true);
    };
    let mut new_ones = false;
    for head in heads {
        let seen = known.entry(head.seller_id).or_default();
        new_ones |= seen.ends < head.ends || seen.seq < head.last_seq;
        if seen.ends < head.ends {
            // Somebody's access has ended. All listeners are woken, and each checks its own access.
            seen.ends = head.ends;
            bus.wake_all();
        }
        while seen.seq < head.last_seq {
            if bus.topics() == 0 {
                seen.seq = head.last_seq;
                break;
            }
            let new = log::topics(db, head.seller_id, seen.seq, MOST).await?;
            let Some(last) = new.last() else { break };
            seen.seq = last.feed_seq;
            let concerned = new.into_iter().flat_map(|new| {
                let always = [Topic::Case(new.case_id), Topic::Customer(new.customer_id)];
                always.into_iter().chain(new.partner_id.map(Topic::Partner))
            });
            bus.wake(concerned.chain([Topic::Seller(head.seller_id)]));
        }
    }
    Ok(new_ones)
}

//! Plans that touch feeds, notifications, runs or a timer that fired: one transaction of a few statements, however many they are.
//!
//! The rows of all feeds are locked first, in the order of their keys, so that two writers never wait for each other. Under the locks
//! everything a feed's change depends on stands still: it is read, the plans are worked through in memory one after the other, as one
//! writer would, and what comes of it is written at once.

use domain::effects::{Effects, Receipt, Written};
use sqlx::postgres::PgConnection;

use super::known::Known;
use super::runs::{self, Runs};
use super::write::Writes;
use super::{Trouble, WORK, Work, bounded, publish};
use crate::hot::{Answer, Item};

/// Most changes of feeds that one transaction takes: plans beyond wait for the next one.
const SLICE: usize = 1_000;

/// Whether an item needs more than the one statement.
pub(super) fn is_rich(item: &Item) -> bool {
    let Item::Plan(plan, _) = item else { return false };
    plan.fired.is_some()
        || !plan.feed.is_empty()
        || plan.shown.iter().any(|shown| shown.new)
        || runs::concerns(plan)
}

/// Cuts items into parts of one transaction each.
pub(super) fn slices(items: Vec<Item>) -> Vec<Vec<Item>> {
    let mut slices: Vec<Vec<Item>> = Vec::new();
    let mut room = 0;
    for item in items {
        let size = if let Item::Plan(plan, _) = &item {
            (plan.feed.len() + plan.runs.len()).max(1)
        } else {
            1
        };
        match slices.last_mut() {
            Some(slice) if size <= room => slice.push(item),
            _ => {
                room = SLICE.max(size);
                slices.push(vec![item]);
            }
        }
        room -= size;
    }
    slices
}

/// Runs the transaction. On an error other than a lost connection it is left open, to be rolled back.
pub(super) async fn run(
    connection: &mut PgConnection,
    items: &[&Work],
) -> Result<Vec<Option<Answer>>, Trouble> {
    let (transaction, answers) = bounded(WORK, prepare(connection, items)).await?;
    if let Some(transaction) = transaction {
        match bounded(WORK, async {
            Ok(sqlx::raw_sql("COMMIT").execute(connection).await?)
        })
        .await
        {
            Ok(_) => {}
            Err(Trouble::Lost) => return Err(Trouble::Unsure { transaction, answers }),
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(answers)
}

/// Everything up to the commit; no transaction is open when there is nothing to commit.
async fn prepare(
    connection: &mut PgConnection,
    items: &[&Work],
) -> Result<(Option<i64>, Vec<Option<Answer>>), Trouble> {
    let mut answers: Vec<_> = items.iter().map(|_| None).collect();
    let mut open: Vec<usize> = (0..items.len()).collect();
    while !open.is_empty() {
        sqlx::raw_sql("BEGIN").execute(&mut *connection).await?;
        let plans: Vec<_> = open.iter().filter_map(|place| plan_of(items[*place])).collect();
        let mut known = Known::lock(connection, &plans).await?;
        let mut runs = Runs::lock(connection, &plans).await?;
        let mut writes = Writes::default();
        let (mut wins, mut feeds_of) = (Vec::new(), Vec::new());
        for (place, plan) in open.iter().zip(plans) {
            let applied = runs.holds(plan).then(|| known.apply(plan, &mut writes)).flatten();
            match applied {
                Some(written) => {
                    runs.apply(plan);
                    wins.push(*place);
                    feeds_of.push(written);
                }
                None => answers[*place] = Some(Answer::Plan(Receipt::Stale)),
            }
        }
        if wins.is_empty() {
            sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await?;
            break;
        }
        let won: Vec<_> = wins.iter().map(|place| items[*place]).collect();
        let committed = publish::run(connection, &won).await?;
        open.clear();
        let mut refused = false;
        for ((place, feed), answer) in wins.into_iter().zip(feeds_of).zip(committed.answers) {
            if let Some(Answer::Plan(Receipt::Written(Written { position, .. }))) = answer {
                answers[place] = Some(Answer::Plan(Receipt::Written(Written { position, feed })));
                open.push(place);
            } else {
                answers[place] = answer;
                refused = true;
            }
        }
        if !refused {
            known.touched(&mut writes);
            writes.run(&mut *connection).await?;
            runs.run(connection).await?;
            return Ok((Some(committed.position), answers));
        }
        // The feeds were worked through with plans that are refused: once more without them.
        sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await?;
    }
    Ok((None, answers))
}

fn plan_of(work: &Work) -> Option<&Effects> {
    if let Work::Plan(plan) = work {
        Some(plan)
    } else {
        None
    }
}

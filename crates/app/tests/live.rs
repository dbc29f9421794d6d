//! The live line by hand: who is told which events, and from where on.

use app::live::Hub;
use domain::environment::Env;
use store::event::{Position, Visible};

const ENV: Env = Env(1);

fn at(commit: i64) -> Position {
    Position {
        commit,
        id: "~".into(),
    }
}

/// Two come to a stream that nobody follows. The first to look at the head is the last to begin: what was committed between the two
/// looks is told to nobody, so it must not believe to be told it.
#[test]
fn who_looked_first_and_begins_last_begins_where_all_are_told() {
    let hub = Hub::default();
    let everything = Visible {
        app: None,
        tenant: None,
        platform: true,
    };
    let _both = [(); 2].map(|()| hub.listen_events(ENV, everything.clone(), 4));
    assert_eq!(hub.begin(ENV, at(7)), at(7));
    assert_eq!(hub.begin(ENV, at(5)), at(7));
    assert_eq!(hub.begin(ENV, at(9)), at(9));
    assert_eq!(
        hub.told(ENV),
        Some(at(7)),
        "what was begun goes on from where it is"
    );
}

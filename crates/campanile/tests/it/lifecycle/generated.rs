//! What is generated from the code is committed, and fresh.

use testkit::TestServer;

/// A06: the OpenAPI document, served as it is printed, is the one that was reviewed and that the client's types are made from.
#[tokio::test]
async fn a06_the_openapi_document_is_the_reviewed_one() {
    let server = TestServer::start().await;
    let served = server.get("/api/v1/openapi.json").anonymous().await.ok(200);
    assert!(served["openapi"].as_str().unwrap().starts_with("3.1"));
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let printed = api::openapi(&api::Settings::default()).to_json().unwrap();
    assert_eq!(served, read(&printed));
    let committed = include_str!("../../../../../web/client/openapi.json");
    assert!(
        served == read(committed),
        "run `campanile openapi > web/client/openapi.json`, look at what changed, then `npm --prefix web run generate`"
    );
    server.finish().await;
}

/// The configuration reference that is committed is the one the binary prints.
#[test]
fn the_configuration_reference_is_fresh() {
    let committed = include_str!("../../../../../docs/config.toml");
    assert_eq!(
        config::reference(),
        committed,
        "run `campanile config reference > docs/config.toml`"
    );
}

// Made by `npm run generate` from openapi.json. Not to be changed by hand.

export interface paths {
  "/api/v1/apps": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List applications, newest first. */
    get: operations["apps_list"];
    put?: never;
    /**
     * Make an application.
     * @description One whose `uid` exists is answered as it is, with 200.
     */
    post: operations["apps_create"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one application. */
    get: operations["apps_get"];
    put?: never;
    post?: never;
    /**
     * Delete an application.
     * @description Its keys are revoked and what waits for its webhooks is withdrawn; its log stays until it is pruned.
     */
    delete: operations["apps_delete"];
    options?: never;
    head?: never;
    /** Change an application. */
    patch: operations["apps_update"];
    trace?: never;
  };
  "/api/v1/apps/{app}/event-types": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the types of events that an application may receive, as they look from outside, by name. */
    get: operations["catalogue_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List events, newest first.
     * @description Beside the parameters listed here, up to five of the form `data.<path>=<value>` compare a value inside `data`.
     */
    get: operations["events_list"];
    put?: never;
    /**
     * Publish an event.
     * @description Answered with 200 once it is in the database, together with every delivery that follows from it.
     */
    post: operations["events_publish"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/events/batch": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publish up to a thousand events.
     * @description The good ones are accepted; each bad one is reported by its index. So is each whose `Idempotency-Key` was used with another batch.
     */
    post: operations["events_publish_batch"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/events/{event}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one event. */
    get: operations["events_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/installations": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List who installed an application, by user id. */
    get: operations["apps_installations"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/installations/{user}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Install an application for a user: it may reach them.
     * @description The user's own token may do this as well, with `me`.
     */
    put: operations["apps_install"];
    post?: never;
    /** Take the leave back. */
    delete: operations["apps_uninstall"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/keys": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the keys of an application, newest first. */
    get: operations["keys_list_of_app"];
    put?: never;
    /** Make a key of an application. */
    post: operations["keys_create_for_app"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/keys/{key}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Revoke a key of an application. */
    delete: operations["keys_revoke_of_app"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/notifications": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Create a notification.
     * @description Few named users have it in their feeds when this is answered; larger audiences are reached in the background.
     */
    post: operations["notifications_create"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/portal": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Open the portal of an application: its webhooks. */
    post: operations["portal_of_app"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/webhooks": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the webhooks of an application, newest first. */
    get: operations["webhooks_list"];
    put?: never;
    /**
     * Make a webhook.
     * @description The address is checked: it must not lead into a private network.
     */
    post: operations["webhooks_create"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/webhooks/{webhook}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one webhook, and how it has been doing. */
    get: operations["webhooks_get"];
    put?: never;
    post?: never;
    /** Delete a webhook. What waits for it is withdrawn. */
    delete: operations["webhooks_delete"];
    options?: never;
    head?: never;
    /** Change a webhook. */
    patch: operations["webhooks_update"];
    trace?: never;
  };
  "/api/v1/apps/{app}/webhooks/{webhook}/deliveries": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List what was delivered to a webhook, newest first. */
    get: operations["deliveries_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/webhooks/{webhook}/deliveries/{delivery}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one delivery, with its attempts. */
    get: operations["deliveries_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/webhooks/{webhook}/deliveries/{delivery}/retry": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Send a delivery again, at once and with a fresh set of retries. */
    post: operations["deliveries_retry"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/webhooks/{webhook}/recover": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Deliver, in the background, what a webhook has not been sent in a time range. */
    post: operations["webhooks_recover"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/webhooks/{webhook}/rotate-secret": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Put a new signing secret in force. */
    post: operations["webhooks_rotate_secret"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/apps/{app}/webhooks/{webhook}/test": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Send a webhook a test event, whatever it subscribed to. */
    post: operations["webhooks_test"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/audit": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read the audit log, newest first. */
    get: operations["audit_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/channels": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the channels that are set up. */
    get: operations["channels_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/channels/{channel}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one channel. */
    get: operations["channels_get"];
    /**
     * Set a channel up, whole.
     * @description The body names its providers, in the order in which they are tried, and what all of them share. A secret that is left out, or sent as it was shown, stays the one of the provider of that name.
     */
    put: operations["channels_put"];
    post?: never;
    /** Take a channel away. What waits for it ends undelivered. */
    delete: operations["channels_delete"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/channels/{channel}/suppressions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the suppressed addresses of a channel, by address.
     * @description A mail that comes back for good, a complaint, and a mail server that knows nobody of that name put an address here. What would go there is kept as a skipped delivery that says `suppressed`.
     */
    get: operations["suppressions_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/channels/{channel}/suppressions/{address}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one suppressed address. */
    get: operations["suppressions_get"];
    /** Suppress an address. */
    put: operations["suppressions_put"];
    post?: never;
    /** Let an address get something again. */
    delete: operations["suppressions_delete"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/deliveries": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List deliveries to people, newest first. Those to webhooks stand in the log of each webhook. */
    get: operations["messages_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/deliveries/retry": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Send many deliveries again that failed or used their retries up, or count them first. */
    post: operations["messages_retry_many"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/deliveries/{delivery}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one delivery to a person: what is sent, and every try. */
    get: operations["messages_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/deliveries/{delivery}/retry": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Send a delivery again, at once and with a fresh set of retries. */
    post: operations["messages_retry"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/environment": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read the environment. */
    get: operations["environment_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /** Change the environment's settings. */
    patch: operations["environment_update"];
    trace?: never;
  };
  "/api/v1/event-types": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List event types, by name. */
    get: operations["event_types_list"];
    put?: never;
    /**
     * Register an event type.
     * @description The same type again is answered as it is, with 200; another one under a known name is refused with 409.
     */
    post: operations["event_types_create"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/event-types/{name}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one event type. */
    get: operations["event_types_get"];
    put?: never;
    post?: never;
    /** Forget an event type. Events published under it stay as they are. */
    delete: operations["event_types_delete"];
    options?: never;
    head?: never;
    /** Change an event type. */
    patch: operations["event_types_update"];
    trace?: never;
  };
  "/api/v1/events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the events of the environment, newest first.
     * @description Beside the parameters listed here, up to five of the form `data.<path>=<value>` compare a value inside `data`.
     */
    get: operations["events_list_all"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/events/stream": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Follow a feed or events, live.
     * @description As a WebSocket, or with `Accept: text/event-stream` as server-sent events. A user token follows its feed, an application's key the
     *     events that application may see. `after` resumes without a gap, or is answered with `reset`.
     */
    get: operations["live_stream"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/events/{event}/trace": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Tell who got what of an event, who did not, and what decided it.
     * @description A page holds so many runs; each says what became of its steps and why: the condition, preference, quiet hours, throttle, batch or answer
     *     that decided. `other_runs` are those that runs of the page were gathered into, and those as which held steps go on.
     */
    get: operations["traces_event"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/keys": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the keys of the environment, newest first. */
    get: operations["keys_list"];
    put?: never;
    /** Make a key of the environment. */
    post: operations["keys_create"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/keys/{key}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Revoke a key of the environment. */
    delete: operations["keys_revoke"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/notifications": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a feed as a bare array, unread first, then newest first. */
    get: operations["feed_bare"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/notifications/configs": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the channels that a tenant's admins set up, in the order in which they did. */
    get: operations["channel_configs_list"];
    put?: never;
    /** Set a channel up for a tenant. */
    post: operations["channel_configs_create"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/notifications/configs/choices": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read what an admin may choose: the kinds of channels there are, and the events they may be for. */
    get: operations["channel_configs_choices"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/notifications/configs/test": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Send a test message where a config leads, at most ten times a minute. A mail goes to the first address only. */
    post: operations["channel_configs_test"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/notifications/configs/{config}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Take a channel away. What waits for it ends undelivered. */
    delete: operations["channel_configs_delete"];
    options?: never;
    head?: never;
    /** Change what is sent, and nothing else. */
    patch: operations["channel_configs_update"];
    trace?: never;
  };
  "/api/v1/notifications/mark-all-read": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Mark everything as read, as one change. */
    post: operations["feed_mark_all_read"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/notifications/mark-all-seen": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Mark everything as seen: the bell was opened. */
    post: operations["feed_mark_all_seen"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/notifications/unread-count": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Count what is unread. */
    get: operations["feed_unread_count"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/notifications/{notification}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Remove one from the feed. */
    delete: operations["feed_delete"];
    options?: never;
    head?: never;
    /**
     * Change a status.
     * @description A change the present status does not allow is answered with 409; one that is so already changes nothing. A click that names an `action`
     *     counts each time, but for one that is sent again with its `Idempotency-Key`.
     */
    patch: operations["feed_change"];
    trace?: never;
  };
  "/api/v1/notifications/{notification}/read": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /** Mark one as read. What was read, followed or put away already stays as it is. */
    patch: operations["feed_read"];
    trace?: never;
  };
  "/api/v1/portal": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read what the portal of these credentials shows. */
    get: operations["portal_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/portal-tokens/{portal_token}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Revoke a portal token. Obeyed with its next call. */
    delete: operations["portal_close"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/preferences": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read the environment's defaults. */
    get: operations["preferences_get_default"];
    /**
     * Set the environment's defaults, whole.
     * @description They hold for everybody of whom nothing else is said. A setting with `required` holds whatever a user says.
     */
    put: operations["preferences_put_default"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/resources": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read the environment as documents. */
    get: operations["resources_get"];
    /**
     * Make the environment what documents say.
     * @description All of them or, where anything is wrong with one, none. The same again changes nothing. What is wrong is told by JSON pointer, texts with line and column.
     */
    put: operations["resources_put"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/runs": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List runs, newest first. */
    get: operations["runs_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/runs/{run}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one run, with what became of its steps. */
    get: operations["runs_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/session": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read who is signed in at this browser, and what is open to them. */
    get: operations["session_get"];
    put?: never;
    post?: never;
    /** Sign this browser out. */
    delete: operations["session_delete"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/session/code": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Sign this browser in by the code of a link or an invitation. It counts once. */
    post: operations["session_sign_in"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/session/mail": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Mail a link that signs in whoever has this address. The answer is the same where nobody has it. */
    post: operations["session_mail"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/session/portal": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Open the portal of the tenant that whoever is signed in here is an admin of; of several, the one that `Campanile-Tenant` names. */
    post: operations["session_portal"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/statistics": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read how much happened in the environment, and how the server is. */
    get: operations["statistics_get"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/team": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the team of the environment. Who operates every environment is not in it. */
    get: operations["team_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/team/invitations": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the invitations that stand, newest first. */
    get: operations["team_invitations"];
    put?: never;
    /** Invite somebody. An invitation before to the same address, for the same part, counts no more. */
    post: operations["team_invite"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/team/invitations/{invitation}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Take an invitation back. */
    delete: operations["team_uninvite"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/team/{account}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Take somebody off the team. Obeyed with their next call. */
    delete: operations["team_delete"];
    options?: never;
    head?: never;
    /** Give somebody of the team another role. */
    patch: operations["team_update"];
    trace?: never;
  };
  "/api/v1/templates": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List templates, by name. */
    get: operations["templates_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/templates/{template}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one template. */
    get: operations["templates_get"];
    /**
     * Write a template, whole.
     * @description Every workflow that names it gets a new version; runs that began keep the words they began with. Refused where the template, or one of those workflows with it, cannot be read: with line and column.
     */
    put: operations["templates_put"];
    post?: never;
    /** Take a template away. Refused while a workflow names it. */
    delete: operations["templates_delete"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/tenants": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List tenants, by id. */
    get: operations["tenants_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/tenants/{tenant}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one tenant. */
    get: operations["tenants_get"];
    /** Describe a tenant, new or not. Replaces what was known. */
    put: operations["tenants_put"];
    post?: never;
    /** Forget a tenant, its memberships and its webhook application. */
    delete: operations["tenants_delete"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/tenants/{tenant}/application": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read the webhook application of a tenant. It is made when first asked for. */
    get: operations["tenants_application"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/tenants/{tenant}/members": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the members of a tenant, by user id. */
    get: operations["tenants_members"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/tenants/{tenant}/members/{user}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Make a user a member of a tenant, or change their role. */
    put: operations["tenants_put_member"];
    post?: never;
    /** End a membership. */
    delete: operations["tenants_delete_member"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/tenants/{tenant}/portal": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Open the portal of a tenant: its channels, and the webhooks of its application. */
    post: operations["portal_of_tenant"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/tenants/{tenant}/preferences": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a tenant's defaults. */
    get: operations["preferences_get_tenant"];
    /** Set a tenant's defaults, whole. */
    put: operations["preferences_put_tenant"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/token-keys": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the registered public keys, newest first. */
    get: operations["keys_list_token_keys"];
    put?: never;
    /** Register a public key that user tokens are signed with. */
    post: operations["keys_create_token_key"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/token-keys/{token_key}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Forget a public key: tokens signed with it count no more. */
    delete: operations["keys_delete_token_key"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/token-secret/rotate": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Put a new secret for HS256 user tokens in force.
     * @description Tokens signed with the one before count until the next rotation.
     */
    post: operations["keys_rotate_token_secret"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/topics": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List topics, by name. */
    get: operations["topics_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/topics/{topic}/subscribers": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List who subscribes to a topic, by user id. */
    get: operations["topics_subscribers"];
    put?: never;
    /** Subscribe users to a topic. Those who do already stay subscribed. */
    post: operations["topics_subscribe"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/topics/{topic}/subscribers/{user}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** End a subscription. */
    delete: operations["topics_unsubscribe"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/users": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List users, by id. */
    get: operations["users_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/users/{user}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one user. */
    get: operations["users_get"];
    /** Describe a user, new or not. Replaces what was known. */
    put: operations["users_put"];
    post?: never;
    /** Forget a user: the person, memberships, subscriptions, installations and the whole feed. */
    delete: operations["users_delete"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/users/{user}/feed": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Follow a feed by polling.
     * @description Carries an `ETag`: sent back as `If-None-Match`, a feed that did not move is answered with 304 to those who know all of it: `after` is
     *     absent or the feed's `seq`.
     */
    get: operations["feed_sync"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/users/{user}/installations": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List what a user installed.
     * @description The user's own token may ask with `me`; an application's key is told only of its own application.
     */
    get: operations["users_installations"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/users/{user}/notifications": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a feed, newest first. */
    get: operations["feed_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/users/{user}/preferences": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read what a user prefers. */
    get: operations["preferences_get_user"];
    /** Set what a user prefers, whole: workflows, categories and channels on or off, digests, quiet hours, applications. */
    put: operations["preferences_put_user"];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /** Change what a user prefers, by a JSON merge patch (RFC 7396): what is absent stays, null takes away. */
    patch: operations["preferences_patch_user"];
    trace?: never;
  };
  "/api/v1/users/{user}/preferences/choices": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read what a user may say they prefer, and how it stands with all defaults. */
    get: operations["preferences_choices"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/users/{user}/preferences/link": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read the link by which a user says what they prefer, without signing in. It stands in their mails as well. */
    get: operations["preferences_link"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/users/{user}/token": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Mint a token that speaks for a user. Hand it only to the user it is for. */
    post: operations["users_token"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/users/{user}/trace": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Tell what a user got of an event and what not, and what decided it. No run says that no workflow reached them. */
    get: operations["traces_user"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/workflows": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List workflows, by key. */
    get: operations["workflows_list"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/workflows/preview": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Try what would happen, sending nothing.
     * @description The script is played by the engine itself in a database of its own, with a clock that is turned through delays, batches, quiet hours and retries.
     */
    post: operations["workflows_preview"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/workflows/{workflow}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read one workflow. */
    get: operations["workflows_get"];
    /**
     * Declare a workflow, or a new version of it.
     * @description The body says `events`, `recipients`, `steps` and more. The same again changes nothing. What is wrong is told by JSON pointer, texts with line and column; nothing is declared then.
     */
    put: operations["workflows_put"];
    post?: never;
    /** End a workflow. Runs that began go on. */
    delete: operations["workflows_delete"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/workflows/{workflow}/cancel": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Call off what was triggered under a cancellation key.
     * @description Runs that wait end, and activities leave the batches that are still open. What was sent stays sent. An application calls off what it triggered itself.
     */
    post: operations["workflows_cancel"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/workflows/{workflow}/trigger": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Trigger a workflow. */
    post: operations["workflows_trigger"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/workflows/{workflow}/versions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the versions of a workflow, newest first. A run keeps the one it began with. */
    get: operations["workflows_versions"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v1/workflows/{workflow}/versions/{version}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read what a version of a workflow says. */
    get: operations["workflows_version"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description It is being done. */
    AcceptedView: {
      /** @description Always true. */
      ok: boolean;
    };
    /** @description Somebody who signs in to the console. */
    AccountView: {
      /** @description Their mail address; null for the operator of the machine. */
      email?: string | null;
      /** @description Their id, `acc_…`. */
      id: string;
      /** @description What they are called. */
      name?: string | null;
    };
    /** @description Something a person can do about it. */
    ActionView: {
      /** @description Name that a click reports. */
      id: string;
      /** @description What the button says. */
      label: string;
      /** @description Where it leads. */
      url?: string | null;
    };
    /**
     * @description Who acts.
     * @enum {string}
     */
    ActorKind: "key" | "user" | "account" | "portal" | "operator" | "server";
    /** @description Who did it. */
    ActorView: {
      /** @description Id of the key, the user, the account or the portal token. */
      id?: string | null;
      /** @description What they are. */
      kind: components["schemas"]["ActorKind"];
    };
    /**
     * @description What a provider told of a delivery afterwards.
     * @enum {string}
     */
    Aftermath: "delivered" | "delayed" | "soft_bounced" | "bounced" | "complained" | "failed";
    /**
     * @description What a key opens.
     * @enum {string}
     */
    AnyKeyKind: "secret" | "application" | "public";
    /** @description An application to make. */
    AppBody: {
      /** @description Any JSON object of at most 16 KiB. */
      metadata?: Record<string, unknown> | null;
      /** @description For people. */
      name: string;
      /** @description Your own id; paths take it in place of ours. */
      uid?: string | null;
    };
    /** @description Changes of an application; what is absent stays. */
    AppChanges: {
      /** @description Any JSON object of at most 16 KiB; null takes it away. */
      metadata?: Record<string, unknown> | null;
      /** @description For people. */
      name?: string;
      /** @description Your own id; null takes it away. */
      uid?: string | null;
    };
    /** @description An application that may be allowed to reach the user, or not. */
    AppChoice: {
      /** @description Whether that is not for the user to say. */
      fixed: boolean;
      /** @description What people call it. */
      name: string;
      /** @description Whether anything comes. */
      on: boolean;
      /** @description Your own id of it. */
      uid: string;
    };
    /** @description A key of an application to make. */
    AppKeyBody: {
      /**
       * Format: int64
       * @description Seconds until it ends; without it, it does not.
       */
      expires_in?: number | null;
      /** @description For people. */
      name?: string | null;
    };
    /** @description An application. */
    AppView: {
      /**
       * Format: date-time
       * @description When it was made.
       */
      created_at: string;
      /** @description Its id, `app_…`. */
      id: string;
      /** @description Your metadata, as the bytes received. */
      metadata?: Record<string, unknown> | null;
      /** @description For people. */
      name: string;
      /** @description The tenant whose webhook application it is. */
      tenant?: string | null;
      /** @description Your own id of it. */
      uid?: string | null;
      /**
       * Format: date-time
       * @description When it was last changed.
       */
      updated_at: string;
    };
    /** @description Resources after they were applied. */
    AppliedList: {
      /** @description Every resource of the environment, in the order in which they are applied, and those that were taken away. */
      data: components["schemas"]["AppliedView"][];
      /** @description Whether nothing was written. */
      dry_run: boolean;
    };
    /** @description A resource, applied. */
    AppliedView: {
      /** @description What became of it. */
      became: components["schemas"]["BecameView"];
      /** @description Where it is otherwise than before; nothing where only a secret is. */
      differences: components["schemas"]["DifferenceView"][];
      /** @description Its kind. */
      kind: components["schemas"]["ResourceKind"];
      /** @description Its name among those of its kind. */
      name: string;
    };
    /**
     * @description How one try of a delivery ended; `unknown` where the process that made it ended first.
     * @enum {string}
     */
    AttemptOutcome: "sent" | "error" | "failed" | "unknown";
    /** @description One try of a delivery. */
    AttemptView: {
      /**
       * Format: int64
       * @description Milliseconds.
       */
      duration_ms: number;
      /** @description Why it failed. */
      error?: string | null;
      /** @description Its id, `atm_…`. */
      id: string;
      /**
       * Format: int64
       * @description 1 for the first.
       */
      number: number;
      /** @description How it ended. */
      outcome: components["schemas"]["AttemptOutcome"];
      /** @description The beginning of the answer. */
      response?: string | null;
      /**
       * Format: date-time
       * @description When it began.
       */
      started_at: string;
      /**
       * Format: int64
       * @description Status of the answer.
       */
      status_code?: number | null;
    };
    /** @description A line of the audit log. */
    AuditView: {
      /** @description What, such as `app.create`. */
      action: string;
      /** @description Who. */
      actor: components["schemas"]["ActorView"];
      /**
       * Format: date-time
       * @description When.
       */
      at: string;
      /** @description More about it. */
      detail?: Record<string, unknown> | null;
      /** @description Its id, `aud_…`. */
      id: string;
      /** @description From where. */
      origin?: string | null;
      /** @description To what. */
      subject: string;
    };
    BTreeMap: {
      [key: string]: boolean;
    };
    /** @description Up to a thousand events. */
    BatchBody: {
      /** @description The events. */
      events: components["schemas"]["EventBody"][];
    };
    /** @description One refused event of a batch. */
    BatchFault: {
      /** @description Stable word. */
      code: string;
      /** @description Sentence. */
      detail: string;
      /** @description Every single fault. */
      errors: components["schemas"]["FaultView"][];
      /** @description Its place in the batch, from 0. */
      index: number;
      /**
       * Format: int32
       * @description The status it alone would have been answered with.
       */
      status: number;
    };
    /** @description One published event of a batch. */
    BatchPublished: {
      /** @description Whether it was published before. */
      duplicate: boolean;
      /** @description Its id. */
      event_id: components["schemas"]["EventIdView"];
      /** @description Its place in the batch, from 0. */
      index: number;
    };
    /** @description What became of a batch. */
    BatchView: {
      /** @description The good ones. */
      data: components["schemas"]["BatchPublished"][];
      /** @description The bad ones, each with what is wrong. */
      errors: components["schemas"]["BatchFault"][];
    };
    /**
     * @description What became of a resource.
     * @enum {string}
     */
    BecameView: "created" | "updated" | "unchanged" | "deleted";
    /** @description What a provider told of a delivery that it took. */
    CallbackView: {
      /** @description What became of it. */
      aftermath: components["schemas"]["Aftermath"];
      /**
       * Format: date-time
       * @description When it was told.
       */
      created_at: string;
      /** @description Why, in the provider's words. */
      detail?: string | null;
    };
    /** @description What is called off. */
    CancelBody: {
      /** @description The `cancellation_key` it was triggered with. */
      cancellation_key: string;
      /** @description Only the runs of these users, at most 1,000; of everybody when absent or empty. */
      users?: string[];
    };
    /** @description Runs were called off. */
    CancelledView: {
      /**
       * Format: int64
       * @description How many.
       */
      cancelled: number;
    };
    /** @description A type of events, as it looks from outside. */
    CatalogueView: {
      /** @description The category it belongs to. */
      category: string;
      /** @description For people. */
      description: string;
      /** @description The name that envelopes say. */
      name: string;
      /** @description An example of `data`, where the schema has one. */
      sample?: Record<string, unknown> | null;
      /** @description JSON Schema of `data`, without what stays inside. */
      schema?: Record<string, unknown> | null;
      /** @description What people call such an event. */
      title: string;
      /** @description Dated version, in every envelope. */
      version: string;
    };
    /** @description A category that may be turned on and off. */
    CategoryChoice: {
      /** @description Whether that is not for the user to say. */
      fixed: boolean;
      /** @description Its name. */
      name: string;
      /** @description Whether anything comes. */
      on: boolean;
    };
    /** @description A channel that may be turned on and off. */
    ChannelChoice: {
      /** @description The channel. */
      channel: components["schemas"]["ChannelName"];
      /** @description Whether that is not for the user to say. */
      fixed: boolean;
      /** @description What people call it. */
      label: string;
      /** @description Whether anything comes. */
      on: boolean;
    };
    /** @description How a channel is. */
    ChannelHealth: {
      /** @description The channel. */
      channel: components["schemas"]["ChannelName"];
      /** @description What that means. */
      detail?: string | null;
      /** @description `up`, `sandbox` where messages are kept and shown, or `off`. */
      status: string;
    };
    /**
     * @description The way something reaches somebody.
     * @enum {string}
     */
    ChannelName: "webhook" | "in_app" | "email" | "slack" | "teams" | "push" | "sms" | "voice";
    /** @description A channel that is set up. */
    ChannelView: {
      /** @description Where providers are to tell what became of what they took, by provider: those that have a `webhook_secret`. */
      callbacks: {
        [key: string]: string;
      };
      /** @description Which one. */
      channel: string;
      /**
       * Format: date-time
       * @description When it was set up first.
       */
      created_at: string;
      /** @description Its id, `chn_…`. */
      id: string;
      /** @description Its settings; secrets are hidden. */
      settings: Record<string, unknown>;
      /**
       * Format: date-time
       * @description When it was last changed.
       */
      updated_at: string;
    };
    /** @description Everything that a user may say they prefer, and how it stands with all defaults. */
    ChoicesView: {
      /** @description Applications; the first hundred. */
      apps: components["schemas"]["AppChoice"][];
      /** @description Categories, by name. */
      categories: components["schemas"]["CategoryChoice"][];
      /** @description Channels. */
      channels: components["schemas"]["ChannelChoice"][];
      /** @description How often channels ring, where somebody said so. */
      digest: Record<string, unknown>;
      /** @description The channels that a digest is for. */
      digest_channels: components["schemas"]["ChannelName"][];
      /** @description When it is quiet. */
      quiet_hours?: Record<string, unknown> | null;
      /** @description The time zone the user is in. */
      time_zone?: string | null;
      /** @description Workflows, by name. */
      workflows: components["schemas"]["WorkflowChoice"][];
    };
    /**
     * @description What an owner may make of a webhook.
     * @enum {string}
     */
    ChosenStatus: "active" | "paused";
    /** @description A code that signs in once. */
    CodeBody: {
      /** @description What stands behind the `#` of the link. */
      code: string;
    };
    /** @description What an admin may choose. */
    ConfigChoicesView: {
      /** @description Kinds of channels. */
      channels: components["schemas"]["ConfigKindChoice"][];
      /** @description Events. */
      events: components["schemas"]["ConfigEventChoice"][];
    };
    /** @description An event that a channel may be for. */
    ConfigEventChoice: {
      /** @description What `events_enabled` calls it. */
      event: string;
      /** @description What people call it. */
      label: string;
    };
    /** @description A new config. */
    ConfigInput: {
      /** @description `email`, `slack_webhook` or `teams_webhook`. */
      channel: string;
      /** @description The addresses, for `email`. */
      email_addresses?: string[] | null;
      events_enabled?: components["schemas"]["BTreeMap"] | null;
      /** @description Whether it is used; true when absent. */
      is_active?: boolean | null;
      /** @description The webhook's URL, for `slack_webhook` and `teams_webhook`. */
      webhook_url?: string | null;
    };
    /** @description A kind of channel that an admin may set up. */
    ConfigKindChoice: {
      /** @description Whether anything would come. */
      available: boolean;
      /** @description `email`, `slack_webhook` or `teams_webhook`. */
      channel: string;
      /** @description What people call it. */
      label: string;
      /** @description Why not. */
      reason?: string | null;
    };
    /** @description What changes in a config. */
    ConfigPatch: {
      /** @description Other addresses. */
      email_addresses?: string[] | null;
      events_enabled?: components["schemas"]["BTreeMap"] | null;
      /** @description Whether it is used. */
      is_active?: boolean | null;
      /** @description Another URL. */
      webhook_url?: string | null;
    };
    /** @description Which config is tested. */
    ConfigTest: {
      /** @description Its id, `chc_…`. */
      config_id: string;
    };
    /** @description A channel that a tenant's admins set up. */
    ConfigView: {
      /** @description The tenant. */
      account_id: string;
      /** @description `email`, `slack_webhook` or `teams_webhook`. */
      channel: string;
      /**
       * Format: date-time
       * @description When it was set up.
       */
      created_at: string;
      /** @description The addresses. */
      email_addresses: string[];
      /** @description The events it is for. */
      events_enabled: components["schemas"]["BTreeMap"];
      /** @description Its id, `chc_…`. */
      id: string;
      /** @description Whether it is used. */
      is_active: boolean;
      /**
       * Format: date-time
       * @description When it was last changed.
       */
      updated_at: string;
      /** @description The webhook's URL. */
      webhook_url?: string | null;
    };
    /** @description A workflow that an event could start. */
    ConsideredView: {
      /** @description Whether it can be started at all. */
      active: boolean;
      /** @description Whether one of its triggers holds of the event. */
      starts: boolean;
      /** @description What the triggers found. */
      triggers: Record<string, unknown>[];
      /**
       * Format: int64
       * @description Its version now.
       */
      version: number;
      /** @description Its key. */
      workflow: string;
    };
    /**
     * @description What somebody who signs in to the console may do.
     * @enum {string}
     */
    ConsoleRole: "operator" | "developer" | "viewer" | "tenant_admin";
    /** @description A number. */
    CountView: {
      /**
       * Format: int64
       * @description Unread notifications.
       */
      count: number;
    };
    /** @description Numbers on the bell. */
    CountersView: {
      /**
       * Format: int64
       * @description Unread.
       */
      unread: number;
      /**
       * Format: int64
       * @description Unread and not yet shown in an open bell.
       */
      unseen: number;
    };
    /** @description A notification was created. */
    CreatedView: {
      /** @description Whether it was created before, under the same `external_id` or `Idempotency-Key`. */
      duplicate: boolean;
      /** @description Its id again, as in lists. */
      id: string;
      /** @description Its id. */
      notification_id: string;
      /** @description Users reached already; `null` when the audience is reached in the background, and where it was created before. */
      recipients?: number | null;
    };
    /**
     * @description Where a delivery stands.
     * @enum {string}
     */
    DeliveryStatus:
      | "pending"
      | "sending"
      | "retrying"
      | "sent"
      | "delivered"
      | "failed"
      | "exhausted"
      | "cancelled"
      | "skipped";
    /** @description A delivery, as the log shows it. */
    DeliveryView: {
      /**
       * Format: int32
       * @description Attempts made.
       */
      attempts: number;
      /**
       * Format: date-time
       * @description When it was planned.
       */
      created_at: string;
      /**
       * Format: int64
       * @description Milliseconds of the last attempt.
       */
      duration_ms?: number | null;
      /** @description Why it failed, or why it was not sent. */
      error?: string | null;
      /** @description What is delivered, `evt_…`. */
      event_id: string;
      /** @description Its type as it looks outside; null once the event is pruned. */
      event_type?: string | null;
      /**
       * Format: date-time
       * @description When nothing more was to be done.
       */
      finished_at?: string | null;
      /** @description Its id, `dlv_…`. */
      id: string;
      /**
       * Format: date-time
       * @description When it is tried next.
       */
      next_attempt_at?: string | null;
      /** @description The beginning of the last answer. */
      response?: string | null;
      /** @description Where it stands. */
      status: components["schemas"]["DeliveryStatus"];
      /**
       * Format: int64
       * @description Of the last answer.
       */
      status_code?: number | null;
    };
    /** @description One place where a resource is otherwise than before. */
    DifferenceView: {
      /** @description What stands there now; absent where nothing does. */
      after?: unknown;
      /** @description What stood there; absent where nothing did. */
      before?: unknown;
      /** @description JSON pointer into its document. */
      pointer: string;
    };
    /** @description The thing an event is about. */
    EntityView: {
      /** @description Your id of it. */
      id: string;
      /** @description Kind of thing, such as `session`. */
      type: string;
    };
    /** @description Changes of the environment. */
    EnvironmentChanges: {
      /** @description Settings to change. An object is merged into the one there is, null goes back to the default. */
      settings: Record<string, unknown>;
    };
    /** @description The environment of the key that asks. */
    EnvironmentView: {
      /** @description Its id, `env_…`: the `kid` of user tokens signed with its own secret. */
      id: string;
      /** @description Its name. */
      name: string;
      /** @description What its operator chose. */
      settings: components["schemas"]["SettingsView"];
    };
    /** @description An event to publish. */
    EventBody: {
      /** @description Category; the registered type's when absent. */
      category?: string | null;
      /** @description Payload: any JSON, kept as the bytes received. */
      data: unknown;
      entity?: components["schemas"]["EntityView"] | null;
      /** @description Your own id: the same id is published once within 30 days. */
      id?: string | null;
      /**
       * Format: date-time
       * @description RFC 3339; the time of publishing when absent.
       */
      occurred_at?: string | null;
      /** @description Tenant it happened in. */
      tenant?: string | null;
      /** @description Event type, such as `observation.captured`. */
      type: string;
      /** @description Users it concerns. */
      users?: string[];
    };
    /**
     * @description An event's id, `evt_…`.
     * @example evt_2x4Kq1Zr0mVh8YbS3nTfWc7Ld9e
     */
    EventIdView: string;
    /** @description An event type to register. */
    EventTypeBody: {
      /** @description The category it belongs to. */
      category: string;
      /** @description For people. */
      description?: string | null;
      /** @description The name it is published under, such as `observation.captured`. */
      name: string;
      /** @description The top-level fields of `data` that leave; all when absent. */
      public_fields?: string[] | null;
      /** @description The name it has outside; the same name when absent. */
      public_name?: string | null;
      /** @description JSON Schema that `data` must satisfy, at most 64 KiB. */
      schema?: Record<string, unknown> | null;
      /** @description What people call such an event. */
      title?: string | null;
      /** @description Dated version, in every envelope. */
      version?: string | null;
      visibility?: components["schemas"]["VisibilityView"] | null;
    };
    /** @description Changes of an event type; what is absent stays. */
    EventTypeChanges: {
      /** @description The category it belongs to. */
      category?: string;
      /** @description For people. */
      description?: string;
      /** @description The top-level fields of `data` that leave; null lets all leave. */
      public_fields?: string[] | null;
      /** @description The name it has outside; null is the same name. */
      public_name?: string | null;
      /** @description JSON Schema that `data` must satisfy; null lets anything pass. */
      schema?: Record<string, unknown> | null;
      /** @description What people call such an event; null says it by its name. */
      title?: string | null;
      /** @description Dated version, in every envelope. */
      version?: string;
      /** @description Who may see it. */
      visibility?: components["schemas"]["VisibilityView"];
    };
    /** @description A registered event type. */
    EventTypeView: {
      /** @description The category it belongs to. */
      category: string;
      /**
       * Format: date-time
       * @description When it was registered.
       */
      created_at: string;
      /** @description For people. */
      description: string;
      /** @description The name it is published under. */
      name: string;
      /** @description The top-level fields of `data` that leave; null lets all leave. */
      public_fields?: string[] | null;
      /** @description The name it has outside, where it is another. */
      public_name?: string | null;
      /** @description JSON Schema that `data` must satisfy. */
      schema?: Record<string, unknown> | null;
      /** @description What people call such an event. */
      title?: string | null;
      /**
       * Format: date-time
       * @description When it was last changed.
       */
      updated_at: string;
      /** @description Dated version, in every envelope. */
      version: string;
      /** @description Who may see it. */
      visibility: components["schemas"]["VisibilityView"];
    };
    /** @description An event. */
    EventView: {
      /** @description The application that published it. */
      app_id: string;
      /** @description Category. */
      category?: string | null;
      /**
       * Format: date-time
       * @description When it was published.
       */
      created_at: string;
      /** @description Payload, as the bytes received. */
      data: unknown;
      entity?: components["schemas"]["EntityView"] | null;
      /** @description The publisher's own id. */
      external_id?: string | null;
      /** @description Its id. */
      id: components["schemas"]["EventIdView"];
      /**
       * Format: date-time
       * @description When it happened.
       */
      occurred_at: string;
      /** @description Tenant it happened in. */
      tenant?: string | null;
      /** @description Event type as published. */
      type: string;
      /** @description Users it concerns. */
      users: string[];
    };
    /** @description One thing wrong with the input. */
    FaultView: {
      /** @description Stable word for programs. */
      code: string;
      /** @description Sentence for people. */
      detail: string;
      /** @description JSON pointer into the body, `""` for the whole; `?name` for a parameter of the query. */
      pointer: string;
    };
    /** @description A page of a feed, with where the feed stood in the same snapshot. */
    FeedView: {
      /** @description Numbers on the bell, of the application and tenant asked for. */
      counters: components["schemas"]["CountersView"];
      /** @description Items, newest first. */
      data: components["schemas"]["ItemView"][];
      /** @description Marks one life of the database. */
      epoch: string;
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
      /**
       * Format: int64
       * @description The last number of the user's sequence.
       */
      seq: number;
    };
    /** @description An invitation that was just made. */
    FreshInvitationView: components["schemas"]["InvitationView"] & {
      /** @description The page where it is accepted, shown this once: whoever has the address may. */
      link: string;
      /** @description Whether the link was mailed to them: it is where the environment's email channel sends, and `server.public_url` is set. */
      mailed: boolean;
    };
    /** @description A key that was just made. */
    FreshKeyView: components["schemas"]["KeyView"] & {
      /** @description The key itself, shown this once. */
      key: string;
    };
    /** @description A token that was just made. */
    FreshPortalView: {
      /**
       * Format: date-time
       * @description Until when it opens the portal.
       */
      expires_at: string;
      /** @description Its id, `ptk_…`. */
      id: string;
      /** @description Whether it only shows. */
      read_only: boolean;
      /** @description The token itself, shown this once. Elements take it as they take a user token. */
      token: string;
      /** @description The page, with the token behind a `#`; its path alone where `server.public_url` is not set. */
      url: string;
    };
    /** @description A webhook that was just made. */
    FreshWebhookView: components["schemas"]["WebhookView"] & {
      /** @description What its deliveries are signed with, `whsec_…`, shown this once. */
      secret: string;
    };
    /** @description A delivery with every try of it. */
    FullDeliveryView: components["schemas"]["DeliveryView"] & {
      /** @description Its attempts, first to last. */
      attempts_log: components["schemas"]["AttemptView"][];
      request?: components["schemas"]["RequestView"] | null;
    };
    /** @description A delivery to a person, with what was sent and every try of it. */
    FullMessageView: components["schemas"]["MessageView"] & {
      /** @description Its attempts, first to last. */
      attempts_log: components["schemas"]["AttemptView"][];
      /** @description What its provider told afterwards, first to last. */
      callbacks: components["schemas"]["CallbackView"][];
      /** @description What is sent; null for what was skipped. */
      content?: Record<string, unknown> | null;
    };
    /** @description How a webhook has been doing. */
    HealthView: {
      /**
       * Format: int64
       * @description Failed attempts since the last success; a hundred disable it.
       */
      failures: number;
      /**
       * Format: date-time
       * @description The first of them.
       */
      first_failure_at?: string | null;
      /**
       * Format: date-time
       * @description The last of them.
       */
      last_failure_at?: string | null;
    };
    /** @description A user's leave for an application to reach them. */
    InstallationView: {
      /** @description The application. */
      app_id: string;
      /**
       * Format: date-time
       * @description Since when.
       */
      created_at: string;
      /** @description The user. */
      user_id: string;
    };
    /** @description Who is invited. */
    InvitationBody: {
      /** @description Their mail address. */
      email: string;
      /** @description What they will be allowed to do. */
      role: components["schemas"]["RoleBody"];
      /** @description The tenant, for an admin of one. */
      tenant?: string | null;
    };
    /** @description An invitation that nobody took yet. */
    InvitationView: {
      /**
       * Format: date-time
       * @description When they were invited.
       */
      created_at: string;
      /** @description Who is invited. */
      email: string;
      /**
       * Format: date-time
       * @description Until when it stands.
       */
      expires_at: string;
      /** @description Its id, `inv_…`. */
      id: string;
      /** @description What they will be allowed to do. */
      role: components["schemas"]["ConsoleRole"];
      /** @description The tenant, for an admin of one. */
      tenant?: string | null;
    };
    /** @description The application that created a notification. */
    ItemApp: {
      /** @description Its id. */
      id: string;
      /** @description Its name. */
      name: string;
      /** @description Its own id at the caller. */
      uid?: string | null;
    };
    /** @description A notification as one user has it. */
    ItemView: {
      /** @description Buttons: `{id, label, url}` each. */
      actions: Record<string, unknown>[];
      /** @description The application that created it. */
      app: components["schemas"]["ItemApp"];
      /** @description Body. */
      body?: string | null;
      /**
       * Format: date-time
       * @description When it was followed.
       */
      clicked_at?: string | null;
      /**
       * Format: date-time
       * @description When it arrived.
       */
      created_at: string;
      /** @description Whether it was removed from the feed. */
      deleted: boolean;
      /** @description Id of its in-app delivery to this user. */
      delivery_id: string;
      /**
       * Format: date-time
       * @description When it was put away.
       */
      dismissed_at?: string | null;
      /** @description Name of what happened. */
      event?: string | null;
      /** @description The event it follows from. */
      event_id?: string | null;
      /**
       * Format: date-time
       * @description When it was over.
       */
      expired_at?: string | null;
      /**
       * Format: date-time
       * @description When it will be over.
       */
      expires_at?: string | null;
      /** @description The creator's own id. */
      external_id?: string | null;
      /** @description Id of the notification. */
      id: string;
      /** @description Whether it was read. */
      is_read: boolean;
      /** @description Where a click leads. */
      link?: string | null;
      /** @description The creator's metadata. */
      metadata: Record<string, unknown>;
      /** @description How much it matters. */
      priority: components["schemas"]["Priority"];
      /**
       * Format: date-time
       * @description When it was read.
       */
      read_at?: string | null;
      /**
       * Format: date-time
       * @description When it was first shown.
       */
      seen_at?: string | null;
      /**
       * Format: int64
       * @description The number of its last change in the user's sequence.
       */
      seq: number;
      /** @description Where it stands with its user. */
      status: components["schemas"]["NotificationStatus"];
      /** @description Tenant it happened in. */
      tenant?: string | null;
      /** @description Title. */
      title: string;
      /** @description Whose. */
      user_id: string;
    };
    /** @description A key of the environment to make. */
    KeyBody: {
      /**
       * Format: int64
       * @description Seconds until it ends; without it, it does not.
       */
      expires_in?: number | null;
      /** @description What it may do. */
      kind: components["schemas"]["KeyKind"];
      /** @description For people. */
      name?: string | null;
    };
    /**
     * @description What a key of the environment may do.
     * @enum {string}
     */
    KeyKind: "secret" | "public";
    /** @description A key as it is kept: what it opens, never what it says. */
    KeyView: {
      /** @description The application, for an application's key. */
      app_id?: string | null;
      /**
       * Format: date-time
       * @description When it was made.
       */
      created_at: string;
      /**
       * Format: date-time
       * @description When it ends.
       */
      expires_at?: string | null;
      /** @description Its beginning and end, to recognise it by. */
      hint: string;
      /** @description Its id, `key_…`. */
      id: string;
      /** @description What it opens. */
      kind: components["schemas"]["AnyKeyKind"];
      /** @description For people. */
      name?: string | null;
      /**
       * Format: date-time
       * @description When it was revoked.
       */
      revoked_at?: string | null;
    };
    /** @description How long attempts took. */
    LatencyView: {
      /** @description The channel. */
      channel: components["schemas"]["ChannelName"];
      /**
       * Format: double
       * @description Milliseconds within which half of them ended.
       */
      p50_ms: number;
      /**
       * Format: double
       * @description Milliseconds within which 99 of a hundred ended.
       */
      p99_ms: number;
    };
    /** @description Where a user says what they prefer, without signing in. */
    LinkView: {
      /** @description The page; its path alone where `server.public_url` is not set. Whoever has the address may use it. */
      url: string;
    };
    /** @description One page of a list. */
    List_AppView: {
      /** @description The rows. */
      data: {
        /**
         * Format: date-time
         * @description When it was made.
         */
        created_at: string;
        /** @description Its id, `app_…`. */
        id: string;
        /** @description Your metadata, as the bytes received. */
        metadata?: Record<string, unknown> | null;
        /** @description For people. */
        name: string;
        /** @description The tenant whose webhook application it is. */
        tenant?: string | null;
        /** @description Your own id of it. */
        uid?: string | null;
        /**
         * Format: date-time
         * @description When it was last changed.
         */
        updated_at: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_AuditView: {
      /** @description The rows. */
      data: {
        /** @description What, such as `app.create`. */
        action: string;
        /** @description Who. */
        actor: components["schemas"]["ActorView"];
        /**
         * Format: date-time
         * @description When.
         */
        at: string;
        /** @description More about it. */
        detail?: Record<string, unknown> | null;
        /** @description Its id, `aud_…`. */
        id: string;
        /** @description From where. */
        origin?: string | null;
        /** @description To what. */
        subject: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_CatalogueView: {
      /** @description The rows. */
      data: {
        /** @description The category it belongs to. */
        category: string;
        /** @description For people. */
        description: string;
        /** @description The name that envelopes say. */
        name: string;
        /** @description An example of `data`, where the schema has one. */
        sample?: Record<string, unknown> | null;
        /** @description JSON Schema of `data`, without what stays inside. */
        schema?: Record<string, unknown> | null;
        /** @description What people call such an event. */
        title: string;
        /** @description Dated version, in every envelope. */
        version: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_ChannelView: {
      /** @description The rows. */
      data: {
        /** @description Where providers are to tell what became of what they took, by provider: those that have a `webhook_secret`. */
        callbacks: {
          [key: string]: string;
        };
        /** @description Which one. */
        channel: string;
        /**
         * Format: date-time
         * @description When it was set up first.
         */
        created_at: string;
        /** @description Its id, `chn_…`. */
        id: string;
        /** @description Its settings; secrets are hidden. */
        settings: Record<string, unknown>;
        /**
         * Format: date-time
         * @description When it was last changed.
         */
        updated_at: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_DeliveryView: {
      /** @description The rows. */
      data: {
        /**
         * Format: int32
         * @description Attempts made.
         */
        attempts: number;
        /**
         * Format: date-time
         * @description When it was planned.
         */
        created_at: string;
        /**
         * Format: int64
         * @description Milliseconds of the last attempt.
         */
        duration_ms?: number | null;
        /** @description Why it failed, or why it was not sent. */
        error?: string | null;
        /** @description What is delivered, `evt_…`. */
        event_id: string;
        /** @description Its type as it looks outside; null once the event is pruned. */
        event_type?: string | null;
        /**
         * Format: date-time
         * @description When nothing more was to be done.
         */
        finished_at?: string | null;
        /** @description Its id, `dlv_…`. */
        id: string;
        /**
         * Format: date-time
         * @description When it is tried next.
         */
        next_attempt_at?: string | null;
        /** @description The beginning of the last answer. */
        response?: string | null;
        /** @description Where it stands. */
        status: components["schemas"]["DeliveryStatus"];
        /**
         * Format: int64
         * @description Of the last answer.
         */
        status_code?: number | null;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_EventTypeView: {
      /** @description The rows. */
      data: {
        /** @description The category it belongs to. */
        category: string;
        /**
         * Format: date-time
         * @description When it was registered.
         */
        created_at: string;
        /** @description For people. */
        description: string;
        /** @description The name it is published under. */
        name: string;
        /** @description The top-level fields of `data` that leave; null lets all leave. */
        public_fields?: string[] | null;
        /** @description The name it has outside, where it is another. */
        public_name?: string | null;
        /** @description JSON Schema that `data` must satisfy. */
        schema?: Record<string, unknown> | null;
        /** @description What people call such an event. */
        title?: string | null;
        /**
         * Format: date-time
         * @description When it was last changed.
         */
        updated_at: string;
        /** @description Dated version, in every envelope. */
        version: string;
        /** @description Who may see it. */
        visibility: components["schemas"]["VisibilityView"];
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_EventView: {
      /** @description The rows. */
      data: {
        /** @description The application that published it. */
        app_id: string;
        /** @description Category. */
        category?: string | null;
        /**
         * Format: date-time
         * @description When it was published.
         */
        created_at: string;
        /** @description Payload, as the bytes received. */
        data: unknown;
        entity?: components["schemas"]["EntityView"] | null;
        /** @description The publisher's own id. */
        external_id?: string | null;
        /** @description Its id. */
        id: components["schemas"]["EventIdView"];
        /**
         * Format: date-time
         * @description When it happened.
         */
        occurred_at: string;
        /** @description Tenant it happened in. */
        tenant?: string | null;
        /** @description Event type as published. */
        type: string;
        /** @description Users it concerns. */
        users: string[];
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_InstallationView: {
      /** @description The rows. */
      data: {
        /** @description The application. */
        app_id: string;
        /**
         * Format: date-time
         * @description Since when.
         */
        created_at: string;
        /** @description The user. */
        user_id: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_InvitationView: {
      /** @description The rows. */
      data: {
        /**
         * Format: date-time
         * @description When they were invited.
         */
        created_at: string;
        /** @description Who is invited. */
        email: string;
        /**
         * Format: date-time
         * @description Until when it stands.
         */
        expires_at: string;
        /** @description Its id, `inv_…`. */
        id: string;
        /** @description What they will be allowed to do. */
        role: components["schemas"]["ConsoleRole"];
        /** @description The tenant, for an admin of one. */
        tenant?: string | null;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_KeyView: {
      /** @description The rows. */
      data: {
        /** @description The application, for an application's key. */
        app_id?: string | null;
        /**
         * Format: date-time
         * @description When it was made.
         */
        created_at: string;
        /**
         * Format: date-time
         * @description When it ends.
         */
        expires_at?: string | null;
        /** @description Its beginning and end, to recognise it by. */
        hint: string;
        /** @description Its id, `key_…`. */
        id: string;
        /** @description What it opens. */
        kind: components["schemas"]["AnyKeyKind"];
        /** @description For people. */
        name?: string | null;
        /**
         * Format: date-time
         * @description When it was revoked.
         */
        revoked_at?: string | null;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_MateView: {
      /** @description The rows. */
      data: {
        /** @description Their account, `acc_…`. */
        account_id: string;
        /** @description Their mail address. */
        email?: string | null;
        /**
         * Format: date-time
         * @description When they were last here, give or take some minutes.
         */
        last_seen_at?: string | null;
        /** @description What they are called. */
        name?: string | null;
        /** @description What they may do. */
        role: components["schemas"]["ConsoleRole"];
        /** @description The tenant, for an admin of one. */
        tenant?: string | null;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_MemberView: {
      /** @description The rows. */
      data: {
        /**
         * Format: date-time
         * @description Since when.
         */
        created_at: string;
        /** @description Their part. */
        role: components["schemas"]["RoleView"];
        /** @description The user. */
        user_id: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_MessageView: {
      /** @description The rows. */
      data: {
        /**
         * Format: int64
         * @description Attempts made.
         */
        attempts: number;
        /** @description The channel it goes through. */
        channel: components["schemas"]["ChannelName"];
        /**
         * Format: date-time
         * @description When it was planned.
         */
        created_at: string;
        /** @description Why it was not sent, or what went wrong last. */
        error?: string | null;
        /** @description The event that run follows from, `evt_…`. */
        event_id: string;
        /**
         * Format: date-time
         * @description When nothing more was to be done.
         */
        finished_at?: string | null;
        /** @description Its id, `dlv_…`. */
        id: string;
        /**
         * Format: date-time
         * @description When it is tried next.
         */
        next_attempt_at?: string | null;
        /** @description Who carried it. */
        provider?: string | null;
        /** @description The provider's own id of it. */
        provider_id?: string | null;
        /** @description The address it goes to. */
        recipient?: string | null;
        /** @description The run it comes from, `run_…`. */
        run_id: string;
        /** @description Where it stands. */
        status: components["schemas"]["DeliveryStatus"];
        /** @description The step of that workflow. */
        step: string;
        /** @description Tenant it happened in. */
        tenant?: string | null;
        /** @description Whom it is for. */
        user_id?: string | null;
        /** @description Key of the workflow it comes from. */
        workflow: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_RunView: {
      /** @description The rows. */
      data: {
        /** @description The user who caused it. */
        actor?: string | null;
        /** @description The batch its activity went into, `bat_…`. */
        batch_id?: string | null;
        /** @description Whether its activity was called off after its batch closed: what goes on for the others leaves it out. */
        called_off: boolean;
        /**
         * Format: date-time
         * @description When it began.
         */
        created_at: string;
        /** @description The event it follows from, `evt_…`. */
        event_id: string;
        /**
         * Format: date-time
         * @description When it ended.
         */
        finished_at?: string | null;
        /** @description Its id, `run_…`. */
        id: string;
        /** @description The one step it takes, where that was held up in another run. */
        part?: string | null;
        /** @description Where it stands. */
        status: components["schemas"]["RunStatus"];
        /** @description What became of its steps, first to last. */
        steps: components["schemas"]["StepView"][];
        /** @description Tenant it happens in. */
        tenant?: string | null;
        /** @description Its recipient. */
        user_id: string;
        /**
         * Format: int64
         * @description The version it began with.
         */
        version: number;
        /** @description Key of its workflow. */
        workflow: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_SubscriberView: {
      /** @description The rows. */
      data: {
        /** @description The user. */
        user_id: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_SuppressionView: {
      /** @description The rows. */
      data: {
        /** @description The address, in lower case. */
        address: string;
        /** @description The channel it is an address of. */
        channel: components["schemas"]["ChannelName"];
        /**
         * Format: date-time
         * @description Since when.
         */
        created_at: string;
        /** @description The delivery that showed it, `dlv_…`. */
        delivery_id?: string | null;
        /** @description What showed it. */
        why: components["schemas"]["SuppressionReason"];
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_TemplateView: {
      /** @description The rows. */
      data: {
        /**
         * Format: date-time
         * @description When it was written first.
         */
        created_at: string;
        /** @description Its name: `{% render "name" %}`. */
        name: string;
        /** @description Liquid. */
        source: string;
        /**
         * Format: date-time
         * @description When it was last changed.
         */
        updated_at: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_TenantView: {
      /** @description The rows. */
      data: {
        /**
         * Format: date-time
         * @description When it was first described.
         */
        created_at: string;
        /** @description Your id of it. */
        id: string;
        /** @description Your metadata, as the bytes received. */
        metadata?: Record<string, unknown> | null;
        /** @description Display name. */
        name?: string | null;
        /**
         * Format: date-time
         * @description When it was last described.
         */
        updated_at: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_TokenKeyView: {
      /** @description The rows. */
      data: {
        /** @description How tokens are signed with it. */
        algorithm: components["schemas"]["TokenAlgorithm"];
        /**
         * Format: date-time
         * @description When it was registered.
         */
        created_at: string;
        /** @description Its id, which tokens name as `kid`. */
        id: string;
        /** @description For people. */
        name?: string | null;
        /** @description PEM. */
        public_key: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_TopicView: {
      /** @description The rows. */
      data: {
        /**
         * Format: int64
         * @description How many subscribe to it.
         */
        subscribers: number;
        /** @description Its name. */
        topic: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_UserView: {
      /** @description The rows. */
      data: {
        /** @description An inactive user gets nothing. */
        active: boolean;
        /**
         * Format: date-time
         * @description When they were first described.
         */
        created_at: string;
        /** @description Mail address. */
        email?: string | null;
        /** @description Your id of them. */
        id: string;
        /** @description Language tag. */
        locale?: string | null;
        /** @description Your metadata, as the bytes received. */
        metadata?: Record<string, unknown> | null;
        /** @description Display name. */
        name?: string | null;
        /** @description Phone number. */
        phone?: string | null;
        /** @description IANA time zone. */
        time_zone?: string | null;
        /**
         * Format: date-time
         * @description When they were last described.
         */
        updated_at: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_VersionView: {
      /** @description The rows. */
      data: {
        /** @description Whether what starts now starts with it. */
        active: boolean;
        /**
         * Format: date-time
         * @description When it was declared.
         */
        created_at: string;
        /**
         * Format: int64
         * @description Its number, from 1.
         */
        version: number;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_WebhookView: {
      /** @description The rows. */
      data: {
        /** @description The application that owns it. */
        app_id: string;
        /**
         * Format: date-time
         * @description When it was made.
         */
        created_at: string;
        /** @description For people. */
        description: string;
        /**
         * Format: date-time
         * @description Since when it takes nothing.
         */
        disabled_at?: string | null;
        /** @description Why the server disabled it. */
        disabled_reason?: string | null;
        /** @description Names of the event types it wants; null wants all. */
        event_types?: string[] | null;
        health?: components["schemas"]["HealthView"] | null;
        /** @description Its id, `ep_…`. */
        id: string;
        /**
         * Format: int64
         * @description Attempts a second, at most.
         */
        rate_limit?: number | null;
        /** @description How often a failed delivery is tried again. */
        retry_policy: components["schemas"]["RetryPolicy"];
        /** @description Whether it takes deliveries. */
        status: components["schemas"]["WebhookStatus"];
        /**
         * Format: date-time
         * @description When it was last changed.
         */
        updated_at: string;
        /** @description Where deliveries go. */
        url: string;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description One page of a list. */
    List_WorkflowView: {
      /** @description The rows. */
      data: {
        /**
         * Format: date-time
         * @description When it was declared first.
         */
        created_at: string;
        /** @description The name it is triggered by. */
        key: string;
        /** @description What it says. */
        spec: Record<string, unknown>;
        /**
         * Format: date-time
         * @description When this version was.
         */
        updated_at: string;
        /**
         * Format: int64
         * @description Counts from 1; runs keep the one they began with.
         */
        version: number;
      }[];
      /** @description Asks for the next page; `null` at the end. */
      next_cursor?: string | null;
    };
    /** @description An address that may be somebody's. */
    MailBody: {
      /** @description The mail address. */
      email: string;
    };
    /**
     * @description What a mark of everything says.
     * @enum {string}
     */
    MarkStatus: "read" | "seen";
    /** @description "Mark all": every item of its scope whose own `seq` is below the mark's counts as read (or seen). */
    MarkView: {
      /** @description Only items of this application. */
      app?: string | null;
      /**
       * Format: date-time
       * @description When.
       */
      at: string;
      /**
       * Format: int64
       * @description The number it took in the user's sequence.
       */
      seq: number;
      /** @description `read` or `seen`. */
      status: components["schemas"]["MarkStatus"];
      /** @description Only items of this tenant. */
      tenant?: string | null;
    };
    /** @description What changes of somebody of the team. */
    MateBody: {
      /** @description Another role in the whole environment. */
      role: components["schemas"]["RoleBody"];
    };
    /** @description Somebody of the team. */
    MateView: {
      /** @description Their account, `acc_…`. */
      account_id: string;
      /** @description Their mail address. */
      email?: string | null;
      /**
       * Format: date-time
       * @description When they were last here, give or take some minutes.
       */
      last_seen_at?: string | null;
      /** @description What they are called. */
      name?: string | null;
      /** @description What they may do. */
      role: components["schemas"]["ConsoleRole"];
      /** @description The tenant, for an admin of one. */
      tenant?: string | null;
    };
    /** @description A membership. */
    MemberBody: {
      /** @description The user's part. */
      role: components["schemas"]["RoleView"];
    };
    /** @description A member of a tenant. */
    MemberView: {
      /**
       * Format: date-time
       * @description Since when.
       */
      created_at: string;
      /** @description Their part. */
      role: components["schemas"]["RoleView"];
      /** @description The user. */
      user_id: string;
    };
    /** @description A delivery to a person. */
    MessageView: {
      /**
       * Format: int64
       * @description Attempts made.
       */
      attempts: number;
      /** @description The channel it goes through. */
      channel: components["schemas"]["ChannelName"];
      /**
       * Format: date-time
       * @description When it was planned.
       */
      created_at: string;
      /** @description Why it was not sent, or what went wrong last. */
      error?: string | null;
      /** @description The event that run follows from, `evt_…`. */
      event_id: string;
      /**
       * Format: date-time
       * @description When nothing more was to be done.
       */
      finished_at?: string | null;
      /** @description Its id, `dlv_…`. */
      id: string;
      /**
       * Format: date-time
       * @description When it is tried next.
       */
      next_attempt_at?: string | null;
      /** @description Who carried it. */
      provider?: string | null;
      /** @description The provider's own id of it. */
      provider_id?: string | null;
      /** @description The address it goes to. */
      recipient?: string | null;
      /** @description The run it comes from, `run_…`. */
      run_id: string;
      /** @description Where it stands. */
      status: components["schemas"]["DeliveryStatus"];
      /** @description The step of that workflow. */
      step: string;
      /** @description Tenant it happened in. */
      tenant?: string | null;
      /** @description Whom it is for. */
      user_id?: string | null;
      /** @description Key of the workflow it comes from. */
      workflow: string;
    };
    /** @description Exactly one of `id`, `user`, `tenant` and `topic`. */
    NamedBody: {
      /** @description A user or, where no user is called that, a tenant. */
      id?: string | null;
      /** @description Only members with one of these roles. */
      roles?: components["schemas"]["RoleView"][] | null;
      /** @description The members of a tenant. */
      tenant?: string | null;
      /** @description The subscribers of a topic. */
      topic?: string | null;
      /** @description A user. */
      user?: string | null;
    };
    /**
     * @description What a user may make of a notification.
     * @enum {string}
     */
    NewStatus: "unread" | "read" | "dismissed" | "clicked";
    /** @description A process that shares the work. */
    NodeView: {
      /** @description What it is called. */
      name: string;
    };
    /** @description The body of a call of which nothing needs saying. */
    Nothing: Record<string, unknown>;
    /** @description A notification to create. It names `users`, a `tenant` (its members) or a `topic` (its subscribers). */
    NotificationBody: {
      /** @description Buttons, at most 10. */
      actions?: components["schemas"]["ActionView"][];
      /** @description Body. */
      body?: string | null;
      /** @description Name of what happened, for icons and filters. */
      event?: string | null;
      /** @description The event it follows from. */
      event_id?: string | null;
      /**
       * Format: date-time
       * @description RFC 3339; from then on it is expired.
       */
      expires_at?: string | null;
      /** @description Your own id: the same id is created once within 30 days. */
      external_id?: string | null;
      /** @description Where a click leads: a path, or an http, https or mailto link. */
      link?: string | null;
      /** @description Anything your own pages need. */
      metadata?: Record<string, unknown> | null;
      /** @description How much it matters; `normal` when absent. */
      priority?: components["schemas"]["Priority"];
      role?: components["schemas"]["RoleView"] | null;
      /** @description Recipients by membership; beside `users` or `topic` only the tenant it happened in. */
      tenant?: string | null;
      /** @description Title. */
      title: string;
      /** @description Recipients by subscription. */
      topic?: string | null;
      /** @description Recipients by id, at most 10,000. */
      users?: string[] | null;
    };
    /**
     * @description Where a notification stands with its user.
     * @enum {string}
     */
    NotificationStatus: "unread" | "read" | "dismissed" | "clicked" | "expired";
    /** @description Done. */
    OkView: {
      /** @description Always true. */
      ok: boolean;
    };
    /** @description A part of the console that is open to an account. */
    OpenView: {
      /** @description The environment, `env_…`: what `Campanile-Environment` says. */
      id: string;
      /** @description Its name. */
      name: string;
      /** @description What the account may do there. */
      role: components["schemas"]["ConsoleRole"];
      /** @description The tenant, for an admin of one: what `Campanile-Tenant` says. */
      tenant?: string | null;
    };
    /**
     * @description A part of the portal.
     * @enum {string}
     */
    Part: "channels" | "webhooks";
    /** @description An application, as its owners see it. */
    PortalApp: {
      /** @description Its id, `app_…`. */
      id: string;
      /** @description What people call it. */
      name: string;
      /** @description Your own id of it. */
      uid?: string | null;
    };
    /** @description How a portal is opened. */
    PortalBody: {
      /**
       * Format: int64
       * @description Seconds that the token opens it, at most seven days; an hour when absent.
       */
      expires_in?: number | null;
      /** @description Whether it only shows. */
      read_only?: boolean | null;
    };
    /** @description A tenant, as its admins see it. */
    PortalTenant: {
      /** @description Your id of it. */
      id: string;
      /** @description What people call it. */
      name?: string | null;
    };
    /** @description What a caller's portal shows. */
    PortalView: {
      /** @description The application. */
      app: components["schemas"]["PortalApp"];
      /**
       * Format: date-time
       * @description Until when.
       */
      expires_at?: string | null;
      /** @description What there is to set up. */
      parts: components["schemas"]["Part"][];
      /** @description Whether it only shows. */
      read_only: boolean;
      tenant?: components["schemas"]["PortalTenant"] | null;
    };
    /** @description What there is and what happens in a simulation. */
    PreviewBody: {
      /**
       * @description What happens: each with `after` (since the beginning, such as `5m`) and either `type` and what else an event has, or `workflow` and what else
       *     a trigger has. At most 100.
       */
      events: Record<string, unknown>[];
      /**
       * Format: int32
       * @description So many attempts of each delivery are said to fail before one succeeds.
       */
      failing_attempts?: number;
      /** @description What is said to come back where a step fetches something, by its name: `status` and `body`. */
      found?: Record<string, unknown>;
      /**
       * Format: date-time
       * @description When it begins; now when absent.
       */
      from?: string | null;
      /** @description How long it is watched, such as `2d`; 30 days when absent, at most 400. */
      lasts?: string | null;
      /** @description Documents over those of the environment, as `PUT /resources` takes them: a workflow that is not declared yet. */
      resources?: Record<string, unknown>[];
      /**
       * @description Tenants: ids of the environment's, who bring their members along, or objects with `id`, what `PUT /tenants/{tenant}` takes, `members` with
       *     their roles, `preferences` and `configs`. At most 100.
       */
      tenants?: unknown[];
      /** @description Subscribers of topics. */
      topics?: {
        [key: string]: string[];
      };
      /** @description People: ids of the environment's, or objects with `id`, what `PUT /users/{user}` takes, and `preferences`. At most 100. */
      users?: unknown[];
    };
    /** @description What would happen. */
    PreviewView: {
      /** @description When it began. */
      from: unknown;
      /** @description What would be sent, rendered, and what would not, with the reason. */
      messages: Record<string, unknown>[];
      /** @description What would stand in feeds. */
      notifications: Record<string, unknown>[];
      /** @description Events, steps and attempts in the order of the clock, each with what decided it. */
      timeline: Record<string, unknown>[];
      /** @description Until when it was watched. */
      until: unknown;
    };
    /**
     * @description How much a notification matters.
     * @enum {string}
     */
    Priority: "low" | "normal" | "high" | "urgent";
    /** @description What a [`Problem`] looks like on the wire. */
    ProblemView: {
      /** @description Stable word for programs. */
      code: string;
      /** @description Sentence for people. */
      detail: string;
      /** @description Every single fault of the input. */
      errors?: components["schemas"]["FaultView"][];
      /** @description Names this request in the server's log. */
      request_id: string;
      /**
       * Format: int32
       * @description The HTTP status.
       */
      status: number;
      /** @description The status in words. */
      title: string;
      /** @description A URI for the kind of problem. */
      type: string;
    };
    /** @description An event was published. */
    PublishedView: {
      /** @description Whether it was published before, under the same id or `Idempotency-Key`. */
      duplicate: boolean;
      /** @description Its id; receivers get it as `webhook-id`. */
      event_id: components["schemas"]["EventIdView"];
    };
    /** @description So many calls of one class in a window, per application key. */
    RateLimitView: {
      /**
       * Format: int32
       * @description Calls (for batches: events) in a window.
       */
      limit: number;
      /**
       * Format: int32
       * @description Length of the window in seconds.
       */
      window: number;
    };
    /** @description Somebody to reach: an id of a user or, where no user is called that, of a tenant; or one of the forms that say which. */
    RecipientBody: string | components["schemas"]["NamedBody"];
    /** @description What a webhook missed. */
    RecoverBody: {
      /**
       * Format: date-time
       * @description Published not before (RFC 3339).
       */
      since: string;
      /**
       * Format: date-time
       * @description Published before (RFC 3339); now when absent.
       */
      until?: string | null;
    };
    /** @description What every try of a delivery sends; its signature and its time are each try's own. */
    RequestView: {
      /** @description The body. */
      body: string;
      /** @description The headers that stay the same. */
      headers: {
        [key: string]: string;
      };
      /** @description Where it goes now; null where the webhook is deleted. */
      url?: string | null;
    };
    /**
     * @description What an environment is made of.
     * @enum {string}
     */
    ResourceKind: "environment" | "event_type" | "template" | "channel" | "preferences" | "workflow";
    /** @description The resources of an environment. */
    ResourceList: {
      /** @description Their documents, in the order in which they are applied. Secrets are hidden; applied like this they stay what they are. */
      resources: Record<string, unknown>[];
    };
    /** @description Documents to apply. */
    ResourcesBody: {
      /** @description Only say what would become of them. */
      dry_run?: boolean;
      /** @description Take away the event types, templates, channels and workflows that they do not name. */
      prune?: boolean;
      /** @description Each with its `kind` (`environment`, `event_type`, `template`, `channel`, `preferences`, `workflow`) and what it says; at most 3,000. */
      resources: Record<string, unknown>[];
    };
    /** @description Days that finished things are kept; 0 keeps them for ever. */
    RetentionView: {
      /**
       * Format: int32
       * @description The audit log.
       */
      audit: number;
      /**
       * Format: int32
       * @description Finished deliveries and attempts.
       */
      deliveries: number;
      /**
       * Format: int32
       * @description Events and their payloads.
       */
      events: number;
      /**
       * Format: int32
       * @description Notifications and their states.
       */
      notifications: number;
    };
    /** @description What came of retrying many. */
    RetriedView: {
      /** @description How many were meant. */
      matched: number;
      /** @description Whether there may be more: one call looks at 10,000. */
      more: boolean;
      /** @description How many are on their way again; those whose channel is gone or whose address is suppressed are not. */
      retried: number;
    };
    /** @description Which of those that failed or used their retries up are sent again. */
    RetryManyBody: {
      channel?: components["schemas"]["ChannelName"] | null;
      /** @description Only counts them. */
      dry_run?: boolean;
      /** @description Planned not before (RFC 3339). */
      from?: string | null;
      status?: components["schemas"]["Undelivered"] | null;
      /** @description Planned before (RFC 3339). */
      to?: string | null;
      /** @description Only for this user. */
      user?: string | null;
      /** @description Only from this workflow. */
      workflow?: string | null;
    };
    /**
     * @description How often a failed delivery is tried again.
     * @enum {string}
     */
    RetryPolicy: "short" | "incident" | "five" | "long";
    /**
     * @description What an account may do.
     * @enum {string}
     */
    RoleBody: "operator" | "developer" | "viewer" | "tenant_admin";
    /**
     * @description A user's part in a tenant.
     * @enum {string}
     */
    RoleView: "member" | "admin" | "owner";
    /** @description How a secret is rotated. */
    RotateBody: {
      /**
       * Format: int64
       * @description Seconds that the secret before signs as well, at most seven days; one day when absent.
       */
      grace_seconds?: number | null;
    };
    /**
     * @description Where a run stands.
     * @enum {string}
     */
    RunStatus: "waiting" | "completed" | "batched" | "cancelled" | "failed";
    /** @description A run. */
    RunView: {
      /** @description The user who caused it. */
      actor?: string | null;
      /** @description The batch its activity went into, `bat_…`. */
      batch_id?: string | null;
      /** @description Whether its activity was called off after its batch closed: what goes on for the others leaves it out. */
      called_off: boolean;
      /**
       * Format: date-time
       * @description When it began.
       */
      created_at: string;
      /** @description The event it follows from, `evt_…`. */
      event_id: string;
      /**
       * Format: date-time
       * @description When it ended.
       */
      finished_at?: string | null;
      /** @description Its id, `run_…`. */
      id: string;
      /** @description The one step it takes, where that was held up in another run. */
      part?: string | null;
      /** @description Where it stands. */
      status: components["schemas"]["RunStatus"];
      /** @description What became of its steps, first to last. */
      steps: components["schemas"]["StepView"][];
      /** @description Tenant it happens in. */
      tenant?: string | null;
      /** @description Its recipient. */
      user_id: string;
      /**
       * Format: int64
       * @description The version it began with.
       */
      version: number;
      /** @description Key of its workflow. */
      workflow: string;
    };
    /** @description Which part of the feed to mark. */
    ScopeBody: {
      /** @description Only notifications of this application (id or uid). */
      app?: string | null;
      /** @description Only notifications of this tenant. */
      tenant?: string | null;
    };
    /** @description A secret that was just made. */
    SecretView: {
      /** @description The secret, shown this once. */
      secret: string;
    };
    /** @description What is counted, step by step. */
    SeriesView: {
      channel?: components["schemas"]["ChannelName"] | null;
      /** @description `events`, `notifications`, `deliveries.sent`, `deliveries.failed`, `deliveries.exhausted` or `attempts.failed`. */
      name: string;
      /** @description How much of it in each step. */
      points: number[];
    };
    /** @description How the server is. */
    ServerHealth: {
      /**
       * Format: int64
       * @description Deliveries that are due and not sent yet; no more than 10,000 are counted.
       */
      backlog: number;
      /** @description The channels that can be set up. */
      channels: components["schemas"]["ChannelHealth"][];
      /** @description `up`: an answer was read from it. */
      database: string;
      /** @description Processes that share the work. */
      nodes: components["schemas"]["NodeView"][];
      /**
       * Format: double
       * @description Seconds that the outbox is behind; null, since it is not measured yet.
       */
      outbox_lag_s?: number | null;
    };
    /** @description A browser that is signed in. */
    SessionView: {
      /** @description Who sits there. */
      account: components["schemas"]["AccountView"];
      /** @description What calls that change something say as `Campanile-CSRF`. */
      csrf: string;
      /** @description What is open to them: whole environments first. */
      environments: components["schemas"]["OpenView"][];
      /**
       * Format: date-time
       * @description When they must sign in anew.
       */
      expires_at: string;
      /** @description Whether they operate every environment. */
      operator: boolean;
    };
    /** @description What the operator chose. */
    SettingsView: {
      /** @description Longest texts of a notification. */
      limits: components["schemas"]["TextLimitsView"];
      /** @description Rate limits by route class: `events`, `notifications`, `webhooks`. A class that is not here has none. */
      rate_limits: {
        [key: string]: components["schemas"]["RateLimitView"];
      };
      /** @description An application reaches only users who installed it. */
      require_installation: boolean;
      /** @description Only registered event types may be published. */
      require_registered_types: boolean;
      /** @description How long things are kept. */
      retention: components["schemas"]["RetentionView"];
      /** @description Kinds of entities that belong to a tenant: an event about one that names no tenant happened in the one that an earlier event about it named. */
      tenant_entities: string[];
    };
    /** @description How much happened, and how the server is. */
    StatisticsView: {
      /**
       * Format: date-time
       * @description When the first step begins.
       */
      from: string;
      /** @description How the server is now. */
      health: components["schemas"]["ServerHealth"];
      /** @description How long attempts took, over the whole time. */
      latency: components["schemas"]["LatencyView"][];
      /** @description What was counted. What never happened is not listed. */
      series: components["schemas"]["SeriesView"][];
      /**
       * Format: int64
       * @description Seconds of a step.
       */
      step_seconds: number;
    };
    /** @description A status to give. */
    StatusBody: {
      /** @description Only with `clicked`: the action that was followed. */
      action?: string | null;
      /** @description The status to give. */
      status: components["schemas"]["NewStatus"];
    };
    /**
     * @description What became of a step of a run.
     * @enum {string}
     */
    StepOutcome: "done" | "skipped" | "waiting" | "batched" | "held" | "failed";
    /** @description What became of a step. */
    StepView: {
      /**
       * Format: date-time
       * @description When.
       */
      at: string;
      /** @description Deliveries it made, `dlv_…`. */
      deliveries: string[];
      /** @description What it does, such as `email`. */
      does: string;
      /** @description The notification it made, `ntf_…`. */
      notification_id?: string | null;
      /** @description What became of it. */
      outcome: components["schemas"]["StepOutcome"];
      /** @description The run that the step goes on as, where it is held up, `run_…`. */
      run_id?: string | null;
      /** @description Its name; empty for what concerns the recipient as a whole. */
      step: string;
      /**
       * Format: date-time
       * @description Until when it waits.
       */
      until?: string | null;
      /** @description What decided it. */
      why?: Record<string, unknown> | null;
    };
    /** @description A subscriber. */
    SubscriberView: {
      /** @description The user. */
      user_id: string;
    };
    /** @description Users to subscribe. */
    SubscribersBody: {
      /** @description Ids of 1 to 1,000 users. */
      users: string[];
    };
    /**
     * @description Why an address gets nothing any more.
     * @enum {string}
     */
    SuppressionReason: "bounced" | "complained" | "refused" | "manual";
    /** @description An address that gets nothing any more. */
    SuppressionView: {
      /** @description The address, in lower case. */
      address: string;
      /** @description The channel it is an address of. */
      channel: components["schemas"]["ChannelName"];
      /**
       * Format: date-time
       * @description Since when.
       */
      created_at: string;
      /** @description The delivery that showed it, `dlv_…`. */
      delivery_id?: string | null;
      /** @description What showed it. */
      why: components["schemas"]["SuppressionReason"];
    };
    /** @description What changed since a number; complete, or a `reset`. */
    SyncView: {
      /** @description Numbers on the bell. */
      counters: components["schemas"]["CountersView"];
      /** @description Marks one life of the database. */
      epoch: string;
      /** @description Items whose last change is later, in the order of their changes. */
      items: components["schemas"]["ItemView"][];
      /** @description Marks that are later. */
      marks: components["schemas"]["MarkView"][];
      /** @description The number is too old, too new or of another epoch: read the feed again. */
      reset: boolean;
      /**
       * Format: int64
       * @description The last number of the user's sequence.
       */
      seq: number;
      /**
       * Format: int64
       * @description Everything up to here is told; ask from here next. Below `seq` there is more.
       */
      through: number;
    };
    /** @description What a template says. */
    TemplateBody: {
      /** @description Liquid, at most 65,536 characters. One that shows its `{{ content }}` can lie around a mail as its layout. */
      source: string;
    };
    /** @description A template. */
    TemplateView: {
      /**
       * Format: date-time
       * @description When it was written first.
       */
      created_at: string;
      /** @description Its name: `{% render "name" %}`. */
      name: string;
      /** @description Liquid. */
      source: string;
      /**
       * Format: date-time
       * @description When it was last changed.
       */
      updated_at: string;
    };
    /** @description A tenant, whole: what is absent is taken away. */
    TenantBody: {
      /** @description Any JSON object of at most 16 KiB. */
      metadata?: Record<string, unknown> | null;
      /** @description Display name. */
      name?: string | null;
    };
    /** @description An organisation of users. */
    TenantView: {
      /**
       * Format: date-time
       * @description When it was first described.
       */
      created_at: string;
      /** @description Your id of it. */
      id: string;
      /** @description Your metadata, as the bytes received. */
      metadata?: Record<string, unknown> | null;
      /** @description Display name. */
      name?: string | null;
      /**
       * Format: date-time
       * @description When it was last described.
       */
      updated_at: string;
    };
    /** @description A test is on its way. */
    TestView: {
      /** @description Its delivery, `dlv_…`. */
      delivery_id: string;
    };
    /** @description What came of a test. */
    TestedView: {
      /** @description What happened, for people. */
      message: string;
      /** @description Whether the message was taken. */
      success: boolean;
    };
    /** @description Longest texts a notification may carry, in characters. */
    TextLimitsView: {
      /** @description Body. */
      body: number;
      /** @description Link. */
      link: number;
      /** @description Title. */
      title: number;
    };
    /**
     * @description How a user token is signed, where the key is registered.
     * @enum {string}
     */
    TokenAlgorithm: "RS256" | "EdDSA";
    /** @description A user token to mint. */
    TokenBody: {
      /**
       * Format: int64
       * @description Seconds until it ends.
       */
      expires_in?: number | null;
      /** @description The tenant on whose behalf the user acts. It names the tenant to the bell and to those who read the token; it restricts nothing. */
      tenant?: string | null;
    };
    /** @description A public key of your product to register. */
    TokenKeyBody: {
      /** @description How tokens are signed with it. */
      algorithm: components["schemas"]["TokenAlgorithm"];
      /** @description For people. */
      name?: string | null;
      /** @description PEM. */
      public_key: string;
    };
    /** @description A registered public key that user tokens are signed with. */
    TokenKeyView: {
      /** @description How tokens are signed with it. */
      algorithm: components["schemas"]["TokenAlgorithm"];
      /**
       * Format: date-time
       * @description When it was registered.
       */
      created_at: string;
      /** @description Its id, which tokens name as `kid`. */
      id: string;
      /** @description For people. */
      name?: string | null;
      /** @description PEM. */
      public_key: string;
    };
    /** @description A token that speaks for a user. */
    TokenView: {
      /**
       * Format: date-time
       * @description When it ends.
       */
      expires_at: string;
      /** @description A JWT, signed with the environment's secret. */
      token: string;
    };
    /** @description A topic. */
    TopicView: {
      /**
       * Format: int64
       * @description How many subscribe to it.
       */
      subscribers: number;
      /** @description Its name. */
      topic: string;
    };
    /** @description Everything that followed from an event. */
    TraceView: {
      /**
       * Format: date-time
       * @description When it was received.
       */
      created_at: string;
      /** @description The event, `evt_…`. */
      event_id: string;
      /** @description Asks for further recipients; `null` at the end. */
      next_cursor?: string | null;
      /** @description The runs that those were gathered into, or that their steps go on as. */
      other_runs: components["schemas"]["TracedRunView"][];
      /** @description One for each recipient and workflow, first to last. */
      runs: components["schemas"]["TracedRunView"][];
      /** @description Its type. */
      type: string;
      /** @description The webhooks that may take the event. */
      webhooks: components["schemas"]["TracedWebhookView"][];
      /** @description The workflows that its type can start, as they are declared now, and what their triggers found. */
      workflows: components["schemas"]["ConsideredView"][];
    };
    /** @description A run, with what its steps sent. */
    TracedRunView: components["schemas"]["RunView"] & {
      /** @description What it sent, or did not. */
      deliveries: components["schemas"]["MessageView"][];
    };
    /** @description A webhook, and what it was sent. */
    TracedWebhookView: {
      /** @description Its application, `app_…`. */
      app_id: string;
      /** @description What it was sent. */
      deliveries: components["schemas"]["DeliveryView"][];
      /** @description Whether it takes events of this type now. */
      wants: boolean;
      /** @description Its id, `ep_…`. */
      webhook_id: string;
    };
    /** @description What a workflow is triggered with. */
    TriggerBody: {
      /** @description Id of the user who caused it: left out of the recipients unless the workflow says otherwise. */
      actor?: string | null;
      /** @description What it can be called off by: `POST /workflows/{workflow}/cancel`. */
      cancellation_key?: string | null;
      /** @description What texts and conditions see as `data`; an empty object when absent. */
      data?: Record<string, unknown> | null;
      /** @description Whom it reaches, at most 1,000; those the workflow names when absent or empty. */
      recipients?: components["schemas"]["RecipientBody"][] | null;
      /** @description Tenant it happens in. */
      tenant?: string | null;
    };
    /** @description A workflow was triggered. */
    TriggeredView: {
      /** @description Whether it was triggered before, under the same `Idempotency-Key`. */
      duplicate: boolean;
      /** @description The event that the trigger is, `evt_…`: its trace says what became of it. */
      event_id: string;
    };
    /**
     * @description How a delivery ended that may be sent again.
     * @enum {string}
     */
    Undelivered: "failed" | "exhausted";
    /** @description A user, whole: what is absent is taken away. */
    UserBody: {
      /** @description An inactive user gets nothing. */
      active?: boolean;
      /** @description Mail address. */
      email?: string | null;
      /** @description Language tag, such as `de-CH`. */
      locale?: string | null;
      /** @description Any JSON object of at most 16 KiB. */
      metadata?: Record<string, unknown> | null;
      /** @description Display name. */
      name?: string | null;
      /** @description Phone number. */
      phone?: string | null;
      /** @description IANA time zone, such as `Europe/Berlin`. */
      time_zone?: string | null;
    };
    /** @description A user. */
    UserView: {
      /** @description An inactive user gets nothing. */
      active: boolean;
      /**
       * Format: date-time
       * @description When they were first described.
       */
      created_at: string;
      /** @description Mail address. */
      email?: string | null;
      /** @description Your id of them. */
      id: string;
      /** @description Language tag. */
      locale?: string | null;
      /** @description Your metadata, as the bytes received. */
      metadata?: Record<string, unknown> | null;
      /** @description Display name. */
      name?: string | null;
      /** @description Phone number. */
      phone?: string | null;
      /** @description IANA time zone. */
      time_zone?: string | null;
      /**
       * Format: date-time
       * @description When they were last described.
       */
      updated_at: string;
    };
    /** @description A version of a workflow. */
    VersionView: {
      /** @description Whether what starts now starts with it. */
      active: boolean;
      /**
       * Format: date-time
       * @description When it was declared.
       */
      created_at: string;
      /**
       * Format: int64
       * @description Its number, from 1.
       */
      version: number;
    };
    /**
     * @description Who may see events of a type.
     * @enum {string}
     */
    VisibilityView: "app" | "platform" | "internal";
    /** @description A webhook to make. */
    WebhookBody: {
      /** @description For people. */
      description?: string | null;
      /** @description Names of the event types it wants, as they look outside; all when absent. */
      event_types?: string[] | null;
      /**
       * Format: int32
       * @description Attempts a second, at most.
       */
      rate_limit?: number | null;
      retry_policy?: components["schemas"]["RetryPolicy"] | null;
      /** @description Where deliveries go. */
      url: string;
    };
    /** @description Changes of a webhook; what is absent stays. */
    WebhookChanges: {
      /** @description For people. */
      description?: string;
      /** @description Names of the event types it wants; null wants all. */
      event_types?: string[] | null;
      /**
       * Format: int32
       * @description Attempts a second, at most; null lifts the limit.
       */
      rate_limit?: number | null;
      /** @description How often a failed delivery is tried again. */
      retry_policy?: components["schemas"]["RetryPolicy"];
      /** @description Whether it takes deliveries. */
      status?: components["schemas"]["ChosenStatus"];
      /** @description Where deliveries go. */
      url?: string;
    };
    /**
     * @description Whether a webhook takes deliveries: its owner paused it, or the server disabled it.
     * @enum {string}
     */
    WebhookStatus: "active" | "paused" | "disabled";
    /** @description A webhook. */
    WebhookView: {
      /** @description The application that owns it. */
      app_id: string;
      /**
       * Format: date-time
       * @description When it was made.
       */
      created_at: string;
      /** @description For people. */
      description: string;
      /**
       * Format: date-time
       * @description Since when it takes nothing.
       */
      disabled_at?: string | null;
      /** @description Why the server disabled it. */
      disabled_reason?: string | null;
      /** @description Names of the event types it wants; null wants all. */
      event_types?: string[] | null;
      health?: components["schemas"]["HealthView"] | null;
      /** @description Its id, `ep_…`. */
      id: string;
      /**
       * Format: int64
       * @description Attempts a second, at most.
       */
      rate_limit?: number | null;
      /** @description How often a failed delivery is tried again. */
      retry_policy: components["schemas"]["RetryPolicy"];
      /** @description Whether it takes deliveries. */
      status: components["schemas"]["WebhookStatus"];
      /**
       * Format: date-time
       * @description When it was last changed.
       */
      updated_at: string;
      /** @description Where deliveries go. */
      url: string;
    };
    /** @description A workflow that may be turned on and off, channel by channel. */
    WorkflowChoice: {
      /** @description Its categories. */
      categories: string[];
      /** @description The channels it goes through. */
      channels: components["schemas"]["ChannelChoice"][];
      /** @description More of it. */
      description: string;
      /** @description Its key. */
      key: string;
      /** @description What people call it. */
      name: string;
    };
    /** @description A workflow, in its current version. */
    WorkflowView: {
      /**
       * Format: date-time
       * @description When it was declared first.
       */
      created_at: string;
      /** @description The name it is triggered by. */
      key: string;
      /** @description What it says. */
      spec: Record<string, unknown>;
      /**
       * Format: date-time
       * @description When this version was.
       */
      updated_at: string;
      /**
       * Format: int64
       * @description Counts from 1; runs keep the one they began with.
       */
      version: number;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: {
    /** @description Calls in a window. Sent where these calls are limited. */
    "RateLimit-Limit": number;
    /** @description Calls left in this window. */
    "RateLimit-Remaining": number;
    /** @description Seconds until the window ends. */
    "RateLimit-Reset": number;
    /** @description Seconds until the next call can be answered. */
    "Retry-After": number;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  apps_list: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_AppView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  apps_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AppBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AppView"];
        };
      };
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AppView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  apps_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AppView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  apps_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  apps_update: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["AppChanges"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AppView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  catalogue_list: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_CatalogueView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  events_list: {
    parameters: {
      query?: {
        /** @description Only this type. */
        type?: string;
        /** @description Only this category. */
        category?: string;
        /** @description Only about this kind of thing. */
        entity_type?: string;
        /** @description Only about this thing. */
        entity_id?: string;
        /** @description Only of this tenant. */
        tenant?: string;
        /** @description Only concerning this user. */
        user?: string;
        /** @description Published not before (RFC 3339). A filter inside `data` without it looks at the last 24 hours. */
        from?: string;
        /** @description Published before (RFC 3339). */
        to?: string;
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_EventView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  events_publish: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["EventBody"];
      };
    };
    responses: {
      200: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PublishedView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  events_publish_batch: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["BatchBody"];
      };
    };
    responses: {
      200: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["BatchView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  events_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
        /** @description Id of the event */
        event: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EventView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  apps_installations: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_InstallationView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  apps_install: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
        /** @description Id of the user, or `me` */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  apps_uninstall: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
        /** @description Id of the user, or `me` */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  keys_list_of_app: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_KeyView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  keys_create_for_app: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["AppKeyBody"];
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FreshKeyView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  keys_revoke_of_app: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
        /** @description Id of the key */
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  notifications_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["NotificationBody"];
      };
    };
    responses: {
      200: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CreatedView"];
        };
      };
      201: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CreatedView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  portal_of_app: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["PortalBody"];
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FreshPortalView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  webhooks_list: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_WebhookView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  webhooks_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        /** @description Id or uid of the application */
        app: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["WebhookBody"];
      };
    };
    responses: {
      201: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FreshWebhookView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  webhooks_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
        /** @description Id of the webhook */
        webhook: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WebhookView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  webhooks_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
        /** @description Id of the webhook */
        webhook: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  webhooks_update: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
        /** @description Id of the webhook */
        webhook: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["WebhookChanges"];
      };
    };
    responses: {
      200: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WebhookView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  deliveries_list: {
    parameters: {
      query?: {
        /** @description Only in this state. */
        status?:
          | "pending"
          | "sending"
          | "retrying"
          | "sent"
          | "delivered"
          | "failed"
          | "exhausted"
          | "cancelled"
          | "skipped";
        /** @description Only of this event, `evt_…`. */
        event?: string;
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
        /** @description Id of the webhook */
        webhook: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_DeliveryView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  deliveries_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id or uid of the application */
        app: string;
        /** @description Id of the webhook */
        webhook: string;
        /** @description Id of the delivery */
        delivery: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FullDeliveryView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  deliveries_retry: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        /** @description Id or uid of the application */
        app: string;
        /** @description Id of the webhook */
        webhook: string;
        /** @description Id of the delivery */
        delivery: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      202: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AcceptedView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  webhooks_recover: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        /** @description Id or uid of the application */
        app: string;
        /** @description Id of the webhook */
        webhook: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["RecoverBody"];
      };
    };
    responses: {
      202: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AcceptedView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  webhooks_rotate_secret: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        /** @description Id or uid of the application */
        app: string;
        /** @description Id of the webhook */
        webhook: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["RotateBody"];
      };
    };
    responses: {
      200: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SecretView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  webhooks_test: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        /** @description Id or uid of the application */
        app: string;
        /** @description Id of the webhook */
        webhook: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      202: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TestView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  audit_list: {
    parameters: {
      query?: {
        /** @description Only this action. */
        action?: string;
        /** @description Only by this key, user, account or portal token. */
        actor?: string;
        /** @description Only about this. */
        subject?: string;
        /** @description Not before (RFC 3339). */
        from?: string;
        /** @description Before (RFC 3339). */
        to?: string;
        /** @description `json` is a page; `ndjson` exports up to 10,000 lines. */
        format?: "json" | "ndjson";
        /** @description Rows of the page. An export takes up to 10,000, and has as many lines where this is left out. A page has at most 100 rows. */
        limit?: number;
        /** @description `next_cursor` of the page before; `Next-Cursor` of the export before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          /** @description Of an export: `cursor` of the next one. Absent at the end */
          "Next-Cursor"?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_AuditView"];
          "application/x-ndjson": string;
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  channels_list: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_ChannelView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  channels_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the channel, such as email */
        channel: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ChannelView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  channels_put: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the channel, such as email */
        channel: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": unknown;
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ChannelView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  channels_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the channel, such as email */
        channel: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  suppressions_list: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description Name of the channel, such as email */
        channel: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_SuppressionView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  suppressions_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the channel, such as email */
        channel: string;
        /** @description The address */
        address: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SuppressionView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  suppressions_put: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the channel, such as email */
        channel: string;
        /** @description The address */
        address: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SuppressionView"];
        };
      };
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SuppressionView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  suppressions_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the channel, such as email */
        channel: string;
        /** @description The address */
        address: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  messages_list: {
    parameters: {
      query?: {
        /** @description Only through this channel. */
        channel?: "webhook" | "in_app" | "email" | "slack" | "teams" | "push" | "sms" | "voice";
        /** @description Only in this state. */
        status?:
          | "pending"
          | "sending"
          | "retrying"
          | "sent"
          | "delivered"
          | "failed"
          | "exhausted"
          | "cancelled"
          | "skipped";
        /** @description Only for this user. */
        user?: string;
        /** @description Only from this workflow. */
        workflow?: string;
        /** @description Only from this run, `run_…`. */
        run?: string;
        /** @description Only those that this provider carried: `sandbox` keeps what it is given. */
        provider?: string;
        /** @description `true` shows only what ended without reaching anybody: failed, exhausted or cancelled. */
        undelivered?: boolean;
        /** @description Planned not before (RFC 3339). */
        from?: string;
        /** @description Planned before (RFC 3339). */
        to?: string;
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_MessageView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  messages_retry_many: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["RetryManyBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["RetriedView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  messages_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the delivery */
        delivery: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FullMessageView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  messages_retry: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        /** @description Id of the delivery */
        delivery: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AcceptedView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  environment_get: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EnvironmentView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  environment_update: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["EnvironmentChanges"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EnvironmentView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  event_types_list: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_EventTypeView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  event_types_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["EventTypeBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EventTypeView"];
        };
      };
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EventTypeView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  event_types_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the type, a slash written as %2F */
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EventTypeView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  event_types_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the type, a slash written as %2F */
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  event_types_update: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the type, a slash written as %2F */
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["EventTypeChanges"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EventTypeView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  events_list_all: {
    parameters: {
      query?: {
        /** @description Only those that this application published, by id or uid. */
        app?: string;
        /** @description Only this type. */
        type?: string;
        /** @description Only this category. */
        category?: string;
        /** @description Only about this kind of thing. */
        entity_type?: string;
        /** @description Only about this thing. */
        entity_id?: string;
        /** @description Only of this tenant. */
        tenant?: string;
        /** @description Only concerning this user. */
        user?: string;
        /** @description Published not before (RFC 3339). A filter inside `data` without it looks at the last 24 hours. */
        from?: string;
        /** @description Published before (RFC 3339). */
        to?: string;
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_EventView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  live_stream: {
    parameters: {
      query?: {
        /** @description A key or user token, where a header cannot be sent. */
        token?: string;
        /** @description A public key beside a user token. */
        key?: string;
        /** @description With an environment key: whose feed; without, its events. */
        user?: string;
        /** @description The last number (a user's feed) or cursor (events) known: what was missed comes first. */
        after?: string;
        /** @description The epoch it was known in. */
        epoch?: string;
        /** @description Server-sent events: what `Last-Event-ID` says, where a header cannot be sent. The header goes first. */
        lastEventId?: string;
      };
      header?: {
        /** @description Server-sent events: the `id` of the last one known; goes before `after` */
        "Last-Event-ID"?: string | null;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description WebSocket */
      101: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Server-sent events */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/event-stream": unknown;
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  traces_event: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description Id of the event */
        event: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TraceView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  keys_list: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_KeyView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  keys_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["KeyBody"];
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FreshKeyView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  keys_revoke: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the key */
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  feed_bare: {
    parameters: {
      query?: {
        /** @description Rows to pass over. */
        skip?: number;
        /** @description Rows to answer. */
        limit?: number;
        /** @description With a key: whose feed. */
        user?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ItemView"][];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  channel_configs_list: {
    parameters: {
      query?: {
        /** @description The tenant, for a key; a user token names its own. */
        tenant?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ConfigView"][];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  channel_configs_create: {
    parameters: {
      query?: {
        /** @description The tenant, for a key; a user token names its own. */
        tenant?: string;
      };
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConfigInput"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ConfigView"];
        };
      };
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ConfigView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  channel_configs_choices: {
    parameters: {
      query?: {
        /** @description The tenant, for a key; a user token names its own. */
        tenant?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ConfigChoicesView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  channel_configs_test: {
    parameters: {
      query?: {
        /** @description The tenant, for a key; a user token names its own. */
        tenant?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConfigTest"];
      };
    };
    responses: {
      200: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TestedView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  channel_configs_delete: {
    parameters: {
      query?: {
        /** @description The tenant, for a key; a user token names its own. */
        tenant?: string;
      };
      header?: never;
      path: {
        /** @description Id of the config */
        config: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  channel_configs_update: {
    parameters: {
      query?: {
        /** @description The tenant, for a key; a user token names its own. */
        tenant?: string;
      };
      header?: never;
      path: {
        /** @description Id of the config */
        config: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ConfigPatch"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ConfigView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  feed_mark_all_read: {
    parameters: {
      query?: {
        /** @description With a key: whose feed. */
        user?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["ScopeBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OkView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  feed_mark_all_seen: {
    parameters: {
      query?: {
        /** @description With a key: whose feed. */
        user?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["ScopeBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OkView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  feed_unread_count: {
    parameters: {
      query?: {
        /** @description With a key: whose feed. */
        user?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CountView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  feed_delete: {
    parameters: {
      query?: {
        /** @description With a key: whose feed. */
        user?: string;
      };
      header?: never;
      path: {
        notification: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  feed_change: {
    parameters: {
      query?: {
        /** @description With a key: whose feed. */
        user?: string;
      };
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        notification: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["StatusBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ItemView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  feed_read: {
    parameters: {
      query?: {
        /** @description With a key: whose feed. */
        user?: string;
      };
      header?: never;
      path: {
        notification: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["OkView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  portal_get: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PortalView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  portal_close: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the portal token */
        portal_token: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  preferences_get_default: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": unknown;
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  preferences_put_default: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": unknown;
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": unknown;
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  resources_get: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ResourceList"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  resources_put: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["ResourcesBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AppliedList"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  runs_list: {
    parameters: {
      query?: {
        /** @description Only of this workflow. */
        workflow?: string;
        /** @description Only of this recipient. */
        user?: string;
        /** @description Only from this event, `evt_…`. */
        event?: string;
        /** @description Only in this state. */
        status?: "waiting" | "completed" | "batched" | "cancelled" | "failed";
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_RunView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  runs_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the run */
        run: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["RunView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  session_get: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SessionView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  session_delete: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  session_sign_in: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CodeBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SessionView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  session_mail: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["MailBody"];
      };
    };
    responses: {
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AcceptedView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  session_portal: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FreshPortalView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  statistics_get: {
    parameters: {
      query?: {
        /** @description Not before (RFC 3339); a day before `to` when absent. What happened is kept for a month. */
        from?: string;
        /** @description Before (RFC 3339); now when absent. */
        to?: string;
        /** @description Seconds of a step, whole minutes; such that there are about a hundred when absent. */
        step?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["StatisticsView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  team_list: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_MateView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  team_invitations: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_InvitationView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  team_invite: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["InvitationBody"];
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FreshInvitationView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  team_uninvite: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the invitation */
        invitation: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  team_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the account */
        account: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  team_update: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the account */
        account: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["MateBody"];
      };
    };
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  templates_list: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_TemplateView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  templates_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the template */
        template: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TemplateView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  templates_put: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the template */
        template: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["TemplateBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TemplateView"];
        };
      };
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TemplateView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  templates_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the template */
        template: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  tenants_list: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_TenantView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  tenants_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Your id of the tenant */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TenantView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  tenants_put: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Your id of the tenant */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["TenantBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TenantView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  tenants_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Your id of the tenant */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  tenants_application: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Your id of the tenant */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["AppView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  tenants_members: {
    parameters: {
      query?: {
        /** @description Only those with this role. */
        role?: "member" | "admin" | "owner";
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description Your id of the tenant */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_MemberView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  tenants_put_member: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Your id of the tenant */
        tenant: string;
        /** @description Your id of the user */
        user: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["MemberBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["MemberView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  tenants_delete_member: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Your id of the tenant */
        tenant: string;
        /** @description Your id of the user */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  portal_of_tenant: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        /** @description Your id of the tenant */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["PortalBody"];
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FreshPortalView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  preferences_get_tenant: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": unknown;
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  preferences_put_tenant: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": unknown;
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": unknown;
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  keys_list_token_keys: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_TokenKeyView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  keys_create_token_key: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["TokenKeyBody"];
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TokenKeyView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  keys_delete_token_key: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the registered key */
        token_key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  keys_rotate_token_secret: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["Nothing"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SecretView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  topics_list: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_TopicView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  topics_subscribers: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description Name of the topic */
        topic: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_SubscriberView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  topics_subscribe: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the topic */
        topic: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["SubscribersBody"];
      };
    };
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  topics_unsubscribe: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Name of the topic */
        topic: string;
        /** @description Your id of the user */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  users_list: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_UserView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  users_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Your id of the user */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["UserView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  users_put: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Your id of the user */
        user: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["UserBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["UserView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  users_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Your id of the user */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  feed_sync: {
    parameters: {
      query?: {
        /** @description The last number known. */
        after?: number;
        /** @description The epoch it was known in. */
        epoch?: string;
      };
      header?: {
        /** @description The `ETag` of the answer before */
        "If-None-Match"?: string | null;
      };
      path: {
        /** @description The user, or `me` with a user token */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          /** @description Changes whenever the feed does */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["SyncView"];
        };
      };
      /** @description The feed did not move */
      304: {
        headers: {
          /** @description As it was sent */
          ETag?: string;
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  users_installations: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description Your id of the user, or `me` */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_InstallationView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  feed_list: {
    parameters: {
      query?: {
        /** @description Only with this status. */
        status?: "unread" | "read" | "dismissed" | "clicked" | "expired";
        /** @description Only of this application (id or uid). */
        app?: string;
        /** @description Only of this priority. */
        priority?: "low" | "normal" | "high" | "urgent";
        /** @description Only of this tenant. */
        tenant?: string;
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
        /** @description Rows to pass over, in place of a cursor. Where the feed moves in between, only cursors show every row once. */
        skip?: number;
      };
      header?: never;
      path: {
        /** @description The user, or `me` with a user token */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FeedView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  preferences_get_user: {
    parameters: {
      query?: {
        /** @description What the user prefers for messages of this tenant alone. It counts more than what they prefer otherwise. */
        tenant?: string;
      };
      header?: never;
      path: {
        /** @description The user, or `me` with a user token */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": unknown;
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  preferences_put_user: {
    parameters: {
      query?: {
        /** @description What the user prefers for messages of this tenant alone. It counts more than what they prefer otherwise. */
        tenant?: string;
      };
      header?: never;
      path: {
        /** @description The user, or `me` with a user token */
        user: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": unknown;
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": unknown;
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  preferences_patch_user: {
    parameters: {
      query?: {
        /** @description What the user prefers for messages of this tenant alone. It counts more than what they prefer otherwise. */
        tenant?: string;
      };
      header?: never;
      path: {
        /** @description The user, or `me` with a user token */
        user: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": unknown;
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": unknown;
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  preferences_choices: {
    parameters: {
      query?: {
        /** @description What the user prefers for messages of this tenant alone. It counts more than what they prefer otherwise. */
        tenant?: string;
      };
      header?: never;
      path: {
        /** @description The user, or `me` with a user token */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ChoicesView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  preferences_link: {
    parameters: {
      query?: {
        /** @description What the user prefers for messages of this tenant alone. It counts more than what they prefer otherwise. */
        tenant?: string;
      };
      header?: never;
      path: {
        /** @description The user, or `me` with a user token */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["LinkView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  users_token: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Your id of the user */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["TokenBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TokenView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  traces_user: {
    parameters: {
      query: {
        /** @description The event, `evt_…`. */
        event: string;
      };
      header?: never;
      path: {
        /** @description The user */
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TraceView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  workflows_list: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_WorkflowView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  workflows_preview: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["PreviewBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["PreviewView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  workflows_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Key of the workflow */
        workflow: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WorkflowView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  workflows_put: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Key of the workflow */
        workflow: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": unknown;
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WorkflowView"];
        };
      };
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["WorkflowView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  workflows_delete: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Key of the workflow */
        workflow: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  workflows_cancel: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Key of the workflow */
        workflow: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": components["schemas"]["CancelBody"];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["CancelledView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  workflows_trigger: {
    parameters: {
      query?: never;
      header?: {
        /** @description Does the call once: for 24 hours the same key and body are given the same answer, and another body 409. An answer that shows an object shows it as it is by then; where only a new one is answered with 201, it is 200. */
        "Idempotency-Key"?: string;
      };
      path: {
        /** @description Key of the workflow */
        workflow: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": components["schemas"]["TriggerBody"];
      };
    };
    responses: {
      200: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["TriggeredView"];
        };
      };
      /** @description The limit is used up. */
      429: {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          "Retry-After": components["headers"]["Retry-After"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "4XX": {
        headers: {
          "RateLimit-Limit": components["headers"]["RateLimit-Limit"];
          "RateLimit-Remaining": components["headers"]["RateLimit-Remaining"];
          "RateLimit-Reset": components["headers"]["RateLimit-Reset"];
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  workflows_versions: {
    parameters: {
      query?: {
        /** @description Rows of the page. */
        limit?: number;
        /** @description `next_cursor` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description Key of the workflow */
        workflow: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["List_VersionView"];
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
  workflows_version: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Key of the workflow */
        workflow: string;
        /** @description Number of the version */
        version: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": unknown;
        };
      };
      "4XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
      "5XX": {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["ProblemView"];
        };
      };
    };
  };
}

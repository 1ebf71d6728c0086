extension Metric {
    // MARK: The door
    static let accepted = Metric(.counter, "towerco_ingest_accepted_events_total", "Events made durable.")
    static let duplicates = Metric(.counter, "towerco_ingest_duplicate_events_total", "Events that were known already.")
    static let rejected = Metric(.counter, "towerco_ingest_rejected_events_total", ["code"], "Events refused, by reason.")
    static let flagged = Metric(
        .counter, "towerco_ingest_flagged_events_total", "Accepted events of a type that the catalogue does not know.")
    static let requests = Metric(.counter, "towerco_ingest_requests_total", "Bodies offered to the door.")
    static let refusedRequests = Metric(.counter, "towerco_ingest_refused_requests_total", "Bodies that could not be taken at all.")
    static let bodyBytes = Metric(.counter, "towerco_ingest_body_bytes_total", "Bytes of bodies, unpacked.")
    static let doorLetters = Metric(.counter, "towerco_ingest_dead_letters_total", "Refused events kept with their bytes.")
    static let doorLettersDropped = Metric(
        .counter, "towerco_ingest_dead_letters_dropped_total", "Refused events of which only the answer told: more than one request may keep.")
    static let rememberedIDs = Metric(.gauge, "towerco_ingest_remembered_ids", "Event ids known as duplicates.")
    static let acknowledge = Metric(
        .histogram, "towerco_ingest_acknowledge_seconds", "A body from the door to its answer: read, checked, appended, synced.")
    static let append = Metric(.histogram, "towerco_ingest_append_seconds", "The log's part of it: from append called to durable.")

    // MARK: The log
    static let sync = Metric(.histogram, "towerco_journal_sync_seconds", "Writing and syncing one group of appends.")
    static let inFlight = Metric(.gauge, "towerco_journal_in_flight_bytes", "Bytes waiting for their sync.")
    static let fenced = Metric(.gauge, "towerco_journal_fenced", "1 when the log refuses writes.")
    static let endSequence = Metric(.gauge, "towerco_journal_end_sequence", "Sequence of the next record.")
    static let damaged = Metric(.gauge, "towerco_journal_damaged_ranges", "Damaged ranges found since the log was opened.")
    static let diskFree = Metric(.gauge, "towerco_journal_disk_free_bytes", "Free bytes of the disk that holds the data folder.")
    static let diskSize = Metric(.gauge, "towerco_journal_disk_size_bytes", "Size of the disk that holds the data folder.")
    static let spoolFill = Metric(
        .gauge, "towerco_spool_fill_ratio", "How full the spool is, 0 to 1; 0 while nothing waits in it and where the log is the journal.")
    static let spoolBytes = Metric(.gauge, "towerco_spool_bytes", "What the spool takes on disk while anything waits in it.")
    static let spoolRecords = Metric(.gauge, "towerco_spool_records", "Records acknowledged that the brokers do not have yet.")
    static let spoolRefused = Metric(
        .counter, "towerco_spool_refused_appends_total", "Appends refused because the brokers were away and the spool was full.")
    static let spoolOutages = Metric(.counter, "towerco_spool_outages_total", "Times that the brokers stopped taking appends.")

    // MARK: The groups
    static let offsetLag = Metric(.gauge, "towerco_pipeline_offset_lag_records", ["group"], "Records a group has not read.")
    static let timeLag = Metric(
        .gauge, "towerco_pipeline_time_lag_seconds", ["group"], "Age of the oldest record a group has not read, against the newest.")
    static let paused = Metric(.gauge, "towerco_pipeline_group_paused", ["group"], "1 when a group is paused.")
    static let healthy = Metric(.gauge, "towerco_pipeline_group_healthy", ["group"], "0 when a group has stopped, failed or retries.")
    static let records = Metric(.counter, "towerco_pipeline_records_total", ["group"], "Records a group has processed.")
    static let groupLetters = Metric(.counter, "towerco_pipeline_dead_letters_total", ["group"], "Records a group set aside.")
    static let retries = Metric(.counter, "towerco_pipeline_retries_total", ["group"], "Transient errors a group met.")
    static let slice = Metric(
        .histogram, "towerco_pipeline_slice_seconds", ["group"], "One slice of the log from read to committed.")
    static let processing = Metric(
        .histogram, "towerco_pipeline_event_to_group_seconds", ["group"], "An event from its acceptance to the end of a group's work on it.")
    static let decision = Metric(
        .histogram, "towerco_pipeline_event_to_decision_seconds",
        "An event from its acceptance to the engine's decision in the log.")
    static let projection = Metric(
        .histogram, "towerco_pipeline_event_to_projection_seconds",
        "An event from its acceptance to the read models; decisions are events too.")
    static let decodedRecords = Metric(.counter, "towerco_pipeline_decoded_records_total", "Records read from the log and decoded.")
    static let offeredRecords = Metric(
        .counter, "towerco_pipeline_offered_records_total", "Records the groups got from the door, decoded already.")
    static let deliveredRecords = Metric(
        .counter, "towerco_pipeline_delivered_records_total", "Records handed to groups; over decoded, how often one decode served.")
    static let decodedBytes = Metric(.gauge, "towerco_pipeline_decoded_bytes", "Memory of decoded pieces of the log.")
    static let repeatedRecords = Metric(
        .counter, "towerco_pipeline_repeated_records_total", "Records left out because their event came before; where brokers hold the log.")
    static let strayRecords = Metric(
        .counter, "towerco_pipeline_stray_records_total",
        "Records in a partition of another shard than their tenant's; the engine writes them again to where they belong.")
    static let activeShards = Metric(
        .gauge, "towerco_pipeline_active_shards", ["group"], "Shards of the tenants that this process runs for a group.")
    static let untreatedLetters = Metric(
        .gauge, "towerco_pipeline_dead_letters_untreated", "Dead letters that nobody has treated, of the last `dead_letters.watch_hours`.")
    static let expiredLetters = Metric(
        .counter, "towerco_pipeline_dead_letters_expired_total", "Dead letters that waited for longer than `dead_letters.expire_days`.")
    static let oldestLetter = Metric(
        .gauge, "towerco_pipeline_dead_letter_oldest_seconds", "Age of the oldest of them; 0 when there is none.")

    // MARK: The store
    static let transaction = Metric(.histogram, "towerco_stores_transaction_seconds", ["operation"], "A write to the store, committed.")
    static let query = Metric(.histogram, "towerco_stores_query_seconds", ["operation"], "A question to the store.")
    static let storeErrors = Metric(.counter, "towerco_stores_errors_total", ["operation"], "Calls of the store that failed.")
    static let sites = Metric(.gauge, "towerco_stores_sites", ["state"], "Sites of all tenants by state.")
    static let silentSites = Metric(.gauge, "towerco_stores_silent_sites", "Sites that ought to be heard and are not.")

    // MARK: The registry
    static let schemas = Metric(.gauge, "towerco_registry_schemas", "Schemas that are registered, the platform's included.")
    static let versionsInUse = Metric(
        .gauge, "towerco_registry_schema_versions_in_use", ["side"],
        "Pairs of event type and schema version seen in the last hour, by tenant, summed.")
    static let untrackedEvents = Metric(
        .counter, "towerco_registry_untracked_events_total", "Events whose schema version found no room in the table of versions in use.")

    // MARK: Notifications
    static let notified = Metric(.counter, "towerco_notify_sent_total", ["channel"], "Messages that the other side accepted.")
    static let notifyFailed = Metric(
        .counter, "towerco_notify_failed_total", ["channel"], "Messages given up: refused for good, or no try of several came through.")
    static let notifyExpired = Metric(
        .counter, "towerco_notify_expired_total", "Messages that were older than `notify.age.max_minutes` when their turn came.")
    static let notifyWaiting = Metric(.gauge, "towerco_notify_pending", "Messages that wait or are on their way.")
    static let notifyDelivery = Metric(
        .histogram, "towerco_notify_delivery_seconds", ["channel"], "A message from its decision to its acceptance by the other side.")

    // MARK: The process
    static let buildInfo = Metric(.gauge, "towerco_app_build_info", ["version"], "Always 1; the label says what runs.")
    static let roleInfo = Metric(.gauge, "towerco_app_role_info", ["role"], "1 for each role that this process runs.")
    static let sampleAge = Metric(
        .gauge, "towerco_app_sample_age_seconds", "Age of what is gathered in the background: sites, dead letters.")
    static let canaryLatency = Metric(
        .histogram, "towerco_app_canary_seconds", ["stage"], "A canary from its acceptance to projected, and to visible through the store.")
    static let canaryAge = Metric(
        .gauge, "towerco_app_canary_last_success_age_seconds",
        "Time since a canary came all the way through, or since the start when none has.")
    static let canariesSent = Metric(.counter, "towerco_app_canaries_sent_total", "Canaries that the door accepted.")
    static let canariesFailed = Metric(.counter, "towerco_app_canaries_failed_total", "Canaries that the door refused.")
    static let spansExported = Metric(.counter, "towerco_app_spans_exported_total", "Spans that the collector took.")
    static let spansDropped = Metric(
        .counter, "towerco_app_spans_dropped_total", ["reason"], "Spans given up: the queue was full, or the collector did not take them.")
    static let resident = Metric(.gauge, "process_resident_memory_bytes", "Memory of the process that is in RAM.")
    static let virtual = Metric(.gauge, "process_virtual_memory_bytes", "Address space of the process.")
    static let processor = Metric(.counter, "process_cpu_seconds_total", "Processor time, user and system.")
    static let openFiles = Metric(.gauge, "process_open_fds", "Open file descriptors.")
    static let maxFiles = Metric(.gauge, "process_max_fds", "How many it may open.")
    static let threads = Metric(.gauge, "process_threads", "Threads of the process.")
    static let startTime = Metric(.gauge, "process_start_time_seconds", "When the process started, seconds since the epoch.")

    // MARK: The server; TowerAPI writes these itself
    static let served: [Metric] = [
        Metric(.counter, "towerco_api_requests_total", ["operation", "status"], "Answers by operation and status class."),
        Metric(
            .histogram, "towerco_api_request_duration_seconds", ["operation"], "Time from the request's head to the answer, body reading included."),
        Metric(.gauge, "towerco_api_live_clients", "Open WebSocket connections of the live feed."),
        Metric(
            .gauge, "towerco_api_live_connections", ["state"], "The same by how far they have come: idle, loading, streaming, closing."),
        Metric(
            .counter, "towerco_api_live_frames_written_total", ["kind"], "Frames of every kind that were handed to a client's socket."),
        Metric(.counter, "towerco_api_live_frames_sent_total", "Frames with changes that were handed to a client's socket."),
        Metric(
            .counter, "towerco_api_live_frames_dropped_total", ["reason"],
            "Frames that slow clients did not get: merged into a later one, given up with the client, or lost with its socket."),
        Metric(.counter, "towerco_api_live_clients_cut_total", "Clients cut off because they read too slowly."),
        Metric(
            .histogram, "towerco_api_event_to_frame_seconds",
            "Time from an event's acceptance to the frame that shows what it changed, by frame."),
    ]

    /// Every metric of `/metrics`, room by room.
    public static let all: [Metric] =
        [
            accepted, duplicates, rejected, flagged, requests, refusedRequests, bodyBytes, doorLetters, doorLettersDropped,
            rememberedIDs, acknowledge, append,
            sync, inFlight, fenced, endSequence, damaged, diskFree, diskSize,
            spoolFill, spoolBytes, spoolRecords, spoolRefused, spoolOutages,
            offsetLag, timeLag, paused, healthy, records, groupLetters, retries, slice, processing, decision, projection,
            decodedRecords, offeredRecords, deliveredRecords, decodedBytes, repeatedRecords, strayRecords, activeShards, expiredLetters, untreatedLetters,
            oldestLetter,
            transaction, query, storeErrors, sites, silentSites,
            schemas, versionsInUse, untrackedEvents,
            notified, notifyFailed, notifyExpired, notifyWaiting, notifyDelivery,
        ] + served + [
            buildInfo, roleInfo, sampleAge, canaryLatency, canaryAge, canariesSent, canariesFailed, spansExported, spansDropped,
            resident, virtual, processor, openFiles, maxFiles, threads, startTime,
        ]

    private init(_ kind: Kind, _ name: String, _ help: String) { self.init(kind, name, [], help) }
}

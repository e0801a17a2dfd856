import CPostgres

/// One thing that the server is asked for.
enum PostgresRequest {
    case begin(String)
    case command(String)
    case unprepared(String, PostgresParameters)
    case prepared(name: String, String, PostgresParameters)

    var text: String {
        switch self {
        case .begin(let text), .command(let text), .unprepared(let text, _), .prepared(_, let text, _): text
        }
    }

    /// Asks, and returns the answer.
    fileprivate func execute(on handle: OpaquePointer) -> OpaquePointer? {
        switch self {
        case .begin(let text), .command(let text): PQexec(handle, text)
        case .unprepared(let text, let parameters):
            parameters.withPointers { PQexecParams(handle, text, $0, parameters.types, $1, $2, $3, 1) }
        case .prepared(let name, _, let parameters): parameters.withPointers { PQexecPrepared(handle, name, $0, $1, $2, $3, 1) }
        }
    }

    /// Puts the question into the pipeline; 0 where that cannot be.
    fileprivate func send(on handle: OpaquePointer) -> Int32 {
        switch self {
        case .begin(let text), .command(let text): PQsendQueryParams(handle, text, 0, nil, nil, nil, nil, 1)
        case .unprepared(let text, let parameters):
            parameters.withPointers { PQsendQueryParams(handle, text, $0, parameters.types, $1, $2, $3, 1) }
        case .prepared(let name, _, let parameters):
            parameters.withPointers { PQsendQueryPrepared(handle, name, $0, $1, $2, $3, 1) }
        }
    }
}

/// A request that goes out with the next, and who waits for its rows.
struct PostgresQueued {
    let request: PostgresRequest
    var rows: PostgresPendingRows?
}

/// Rows that are asked for with the next request, or when somebody wants them.
final class PostgresPendingRows: PendingRows {
    private var result: PostgresResult?
    private let connection: PostgresConnection

    init(_ connection: PostgresConnection) { self.connection = connection }

    func set(_ result: PostgresResult) { self.result = result }

    func forEach(_ body: (any ConnectionRow) throws -> Void) throws {
        if result == nil { try connection.fetch() }
        guard let result else { throw PostgresFailure.disconnected(reason: "the transaction has ended").error }
        try result.forEachRow(body)
    }
}

extension PostgresConnection {
    /// Asks, after what is queued and in one round trip with it, and returns the answer.
    @discardableResult
    func exchange(_ last: PostgresRequest) throws -> PostgresResult {
        guard let handle else { throw PostgresFailure.disconnected(reason: "not connected") }
        let all = queued + [PostgresQueued(request: last)]
        let requests = all.map(\.request)
        queued = []
        let results = requests.count == 1 ? [PostgresResult(last.execute(on: handle))] : try pipeline(requests, on: handle)
        // What follows the first failure was not done.
        for (queued, result) in zip(all, results) {
            try check(result, queued.request.text)
            if case .begin = queued.request { isBegun = true }
            queued.rows?.set(result)
        }
        guard let result = results.last else { throw PostgresFailure.disconnected(reason: "no answer") }
        return result
    }

    /// Sends all before it reads the first answer.
    private func pipeline(_ requests: [PostgresRequest], on handle: OpaquePointer) throws -> [PostgresResult] {
        guard PQenterPipelineMode(handle) == 1, requests.allSatisfy({ $0.send(on: handle) == 1 }), PQpipelineSync(handle) == 1
        else {
            let reason = PostgresFailure.trimmed(PQerrorMessage(handle))
            close()
            throw PostgresFailure.disconnected(reason: reason)
        }
        let results = requests.map { _ in
            // Nothing stands between one request's answer and the next's.
            defer { PQclear(PQgetResult(handle)) }
            return PostgresResult(PQgetResult(handle))
        }
        PQclear(PQgetResult(handle))
        guard PQexitPipelineMode(handle) == 1 else {
            let reason = PostgresFailure.trimmed(PQerrorMessage(handle))
            close()
            throw PostgresFailure.disconnected(reason: reason)
        }
        return results
    }

    /// Runs statements of our own that have neither arguments nor rows, at once.
    func command(_ text: String) throws {
        guard let handle else { throw PostgresFailure.disconnected(reason: "not connected") }
        try check(PostgresResult(PQexec(handle, text)), text)
    }

    func check(_ result: PostgresResult, _ text: String) throws {
        guard let handle else { throw PostgresFailure.disconnected(reason: "not connected") }
        if !result.isSuccess { throw PostgresFailure(result: result.pointer, connection: handle, statement: text) }
    }
}

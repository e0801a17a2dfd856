import Matrix
import Web

/// Every route that there is, public and internal, with real components behind: whatever is asked for, the answer is Matrix's, an
/// errcode where it is a refusal, and never an error that nobody foresaw.
public final class RoutesTarget: FuzzTarget {
    public let seeds: [[UInt8]]
    /// Databases and their caches are made anew now and then.
    public let growthBound = 400 << 20
    private let mutator = RequestMutator()
    private var world: World
    private var asked = 0
    private var statuses: [Int: Int] = [:]

    /// Rooms and accounts are made, left and banned from: a world is soon worn out.
    private static let worldLasts = 5_000

    public init() async throws {
        world = try await World()
        seeds = RouteSeeds.all(world.endpoints, calls: world.recordedCalls)
    }

    public func end() async throws { try await world.end() }

    public var summary: String {
        statuses.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    }

    public func mutated(_ input: [UInt8], with other: [UInt8], using random: inout SplitMix) -> [UInt8] {
        mutator.mutated(input, with: other, using: &random)
    }

    public func take(_ input: [UInt8]) async throws -> Kind {
        asked += 1
        if asked % Self.worldLasts == 0 {
            try await world.end()
            world = try await World()
        }
        let written = WrittenRequest(input)
        let response = await world.respond(to: written)
        let body = try await bytes(of: response)
        statuses[response.status, default: 0] += 1

        let errors = world.errors.taken()
        if isMisread(written, response, errors) { return Kind(500) }
        try require(errors.isEmpty, "\(written.method) \(written.path) \(response.status): logged \(errors)")
        let error = try refusal(response, written, body)
        if response.status == 401, error == "M_UNKNOWN_TOKEN", written.headers.contains(where: { $0.value == "Bearer <token>" }) {
            do { try await world.logIn() } catch { asked = Self.worldLasts - 1 }
        }
        var kind = Kind(response.status)
        kind.add(written.path.split(separator: "/").prefix(7).filter { !$0.hasPrefix("<") }.joined(separator: "/"))
        kind.add(error)
        return kind
    }

    /// An internal call that the route cannot read is an error that is foreseen: two releases disagree.
    private func isMisread(_ written: WrittenRequest, _ response: Response, _ errors: [String]) -> Bool {
        response.status == 500 && written.path.hasPrefix("/api/") && errors.count == 1 && errors[0].contains("Misread")
    }

    /// The errcode of a refusal, with what goes with it; empty for other answers.
    private func refusal(_ response: Response, _ written: WrittenRequest, _ body: [UInt8]) throws -> String {
        func what(_ text: String) -> String { "\(written.method) \(written.target): \(response.status) \(text): \(String(decoding: body.prefix(400), as: UTF8.self))" }
        let hadNoTime = response.status == 504 && written.headers.contains { $0.name == "X-Deadline-Ms" }
        try require(response.status < 500 || hadNoTime, what("is never right"))
        guard response.status >= 400 else {
            if response.headers["Content-Type"] == "application/json" {
                try require((try? RawJSON(validating: body)) != nil, what("is not JSON"))
            }
            return ""
        }
        guard let object = (try? JSON(parsing: body))?.object else { throw Finding(what("is not JSON")) }
        let code = object["errcode"]?.string
        try require(code?.hasPrefix("M_") ?? (response.status == 401 && object["flows"] != nil), what("has no errcode"))
        try require(code == nil || object["error"]?.string != nil, what("says nothing"))
        return code ?? "flows"
    }

    private func bytes(of response: Response) async throws -> [UInt8] {
        switch response.body {
        case .none: return []
        case .bytes(let bytes): return bytes
        case .stream(_, let write):
            var bytes: [UInt8] = []
            var writer = BodyWriter { bytes += $0 }
            try await write(&writer)
            return bytes
        }
    }
}

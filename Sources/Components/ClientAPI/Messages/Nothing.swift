/// What an endpoint answers that has nothing to say: `{}`.
struct Nothing: Encodable, Sendable {}

import Matrix
import Testing

@testable import ClientAPI

/// Which events a receipt for a thread may name.
@Suite struct ReceiptThreadTests {
    /// By event: how it relates to which other.
    private let events: [String: (type: String, parent: String)] = [
        "$answer": ("m.thread", "$root"), "$edit": ("m.replace", "$answer"), "$reaction": ("m.annotation", "$edit"),
        "$like": ("m.annotation", "$root"), "$far": ("m.reference", "$reaction"),
    ]

    @Test(arguments: [
        ("$plain", "main", true), ("$plain", "$root", false), ("$answer", "$root", true), ("$answer", "main", false),
        ("$answer", "$plain", false), ("$edit", "$root", true), ("$reaction", "$root", true), ("$reaction", "main", false),
        ("$root", "$root", true), ("$root", "main", true), ("$like", "main", true), ("$like", "$root", true),
        ("$far", "main", true),
    ])
    func anEventIsInTheThreadThatItsRelationsLeadTo(event: String, thread: String, isIn: Bool) async throws {
        let found = try await ReceiptThread.holds(event, in: thread) { event in
            events[event].map { ["m.relates_to": ["rel_type": .string($0.type), "event_id": .string($0.parent)]] }
        }
        #expect(found == isIn)
    }
}

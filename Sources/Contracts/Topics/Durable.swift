/// A named position in a topic, shared by every replica of the component that listens.
///
/// A stream is created with all its durables, because an Interest stream drops what no durable covers.
public struct Durable: Sendable, Hashable {
    public let name: String
    /// The name of the topic it listens to.
    public let topic: String
    /// Who listens, for people.
    public let component: String
    /// How long the messages of a log may gather before they are handed over: for a listener whom nobody waits for, and who
    /// has less to do for many together.
    public let patience: Duration

    public init(name: String, topic: String, component: String = "", patience: Duration = .zero) {
        self.name = name
        self.topic = topic
        self.component = component
        self.patience = patience
    }
}

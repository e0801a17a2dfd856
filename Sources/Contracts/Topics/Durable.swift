/// A named position in a topic, shared by every replica of the component that listens.
///
/// A stream is created with all its durables, because an Interest stream drops what no durable covers.
public struct Durable: Sendable, Hashable {
    public let name: String
    /// The name of the topic it listens to.
    public let topic: String
    /// Who listens, for people.
    public let component: String

    public init(name: String, topic: String, component: String = "") {
        self.name = name
        self.topic = topic
        self.component = component
    }
}

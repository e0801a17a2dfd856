import ArgumentParser
import Foundation

/// A command whose flags are written as Go's, and that ends with status 1 and one clear text when it cannot do its work.
public protocol GoCommand: AsyncParsableCommand {
    /// The flags that take no value.
    static var booleanFlags: Set<String> { get }
}

/// What a command tells whoever ran it before it ends with status 1.
public struct CommandFailure: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

extension GoCommand {
    public static func main() async {
        await main(arguments: Array(CommandLine.arguments.dropFirst()))
    }

    static func main(arguments: [String]) async {
        do {
            var command = try parseAsRoot(GoArguments.normalised(arguments, booleans: booleanFlags))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as ConfigurationError {
            fail(error.description)
        } catch let error as CommandFailure {
            fail(error.description)
        } catch {
            guard exitCode(for: error) == .success else { fail(fullMessage(for: error)) }
            // What --help asked for.
            print(fullMessage(for: error))
            Foundation.exit(0)
        }
    }

    private static func fail(_ text: String) -> Never {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
        Foundation.exit(1)
    }
}

/// What the servers answer to `--version`.
public enum Version {
    public static let text = "dendrite (Swift) 0.1.0"
}

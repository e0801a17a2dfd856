import Foundation
import TestSupport

/// Connections of which each does one thing, and nothing more until they are closed.
final class RawConnections: Sendable {
    private let descriptors: [Int32]

    /// Opens so many, and sends on each what `text` says for it.
    init(_ count: Int, to url: String, receiveBuffer: Int32? = nil, sending text: (Int) -> String = { _ in "" }) throws {
        guard let port = url.split(separator: ":").last.flatMap({ UInt16($0) }) else { throw TestFailure("no port in \(url)") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        var opened: [Int32] = []
        defer { if opened.count < count { for descriptor in opened { close(descriptor) } } }
        for number in 0..<count {
            // From several addresses of loopback: one has not enough ports for all.
            var source = address
            source.sin_port = 0
            source.sin_addr.s_addr = inet_addr("127.0.0.\(2 + number / 5_000)")
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { throw TestFailure("no socket: \(String(cString: strerror(errno)))") }
            opened.append(descriptor)
            if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
            let isOpen = withUnsafePointer(to: &source) { source in
                withUnsafePointer(to: &address) { address in
                    source.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, 16) } == 0
                        && address.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, 16) } == 0
                }
            }
            guard isOpen else { throw TestFailure("no connection: \(String(cString: strerror(errno)))") }
            try Self.send(text(number), on: descriptor)
        }
        descriptors = opened
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    func sendOnEach(_ text: String) { for descriptor in descriptors { try? Self.send(text, on: descriptor) } }

    /// How many have been answered something, or closed.
    var answered: Int {
        descriptors.count { descriptor in
            var byte: UInt8 = 0
            return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) >= 0 || errno == ECONNRESET
        }
    }

    private static func send(_ text: String, on descriptor: Int32) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { throw TestFailure("nothing can be sent: \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(sent)
        }
    }
}

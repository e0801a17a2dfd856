import Matrix
import SQL
import Topics

/// What a caller is told when what we stand on is away: 503, to be asked again. Anything else is a bug and not told.
enum PlatformFailure {
    static let translate: @Sendable (any Error) -> MatrixError? = { error in
        switch error {
        case DatabaseError.refusedValue: .invalidParam("U+0000 cannot be stored")
        case is DatabaseUnavailable: .unavailable("The database is away; try again")
        case BusError.unavailable, BusError.full: .unavailable("Messages cannot be taken now; try again")
        case BusError.tooLarge: .tooLarge("Too large")
        default: nil
        }
    }
}

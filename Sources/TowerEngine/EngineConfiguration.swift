public import TowerCausality
public import TowerDetection
public import TowerLearning

/// The knobs of the engine. Times are seconds.
public struct EngineConfiguration: Sendable {
    public var alarms = AlarmBook.Configuration()
    public var scorer = HypothesisScorer.Configuration()
    public var bursts = BurstGrouper.Configuration()
    public var learning = LearningConfiguration()
    public var templates = TemplateLibrary.standard
    public var detection = DetectionConfiguration.standard
    public var wander = WanderConfiguration.standard
    /// For so long after the grid came back, a discharge or a generator's run, values are not compared with usual days; four times as
    /// long while the battery is not full again. A generator that runs for longer than the second is usual itself.
    public var disturbanceSettle = 6.0 * 3600
    public var generatorUsualAfter = 12.0 * 3600
    /// Groups of sensors with a fault-free baseline, a tenant.
    public var maximumWanderGroups = 4_096
    /// A case is judged at most this often, and this long after a new fact.
    public var judgementPeriod = 10.0
    public var judgementDelay = 3.0
    /// Age of a case before it may become an incident: time for its other signs to arrive.
    public var settle = 20.0
    /// The same for cells, links and silent controllers, whose causes may be elsewhere.
    public var reachSettle = 45.0
    /// A controller that is only silent becomes an incident after this long.
    public var silenceSettle = 900.0
    /// Quiet time after the last fact has ended before an incident is over.
    public var quietHold = 300.0
    public var linkQuietHold = 900.0
    /// An incident that returns this soon after its end is the same one.
    public var reopenWindow = 1_800.0
    /// What somebody took on an unannounced visit shows this long after it at the latest.
    public var lossWindow = 10_800.0
    /// Sites of one feeder that lose the grid this close together lost it together.
    public var feederWindow = 60.0
    public var clockSkew = 120.0
    /// Links that start to fade this close together fade in the same storm, if they are this near.
    public var stormWindow = 2_700.0
    public var stormKilometres = 60.0
    /// How far water comes within the hours of one flood.
    public var floodKilometres = 25.0
    /// How far interference reaches through the air.
    public var airKilometres = 15.0
    /// Autonomy (P10, minutes) under which a battery needs a person.
    public var shortAutonomyMinutes = 60.0
    /// Forecasts a site at most this often.
    public var forecastPeriod = 60.0
    /// Bounds per tenant: sites, open cases, hypotheses a judgement, events an incident.
    public var maximumSites = 200_000
    public var maximumCases = 20_000
    public var maximumHypotheses = 96
    public var maximumEventsPerIncident = 5_000

    public init() {}
}

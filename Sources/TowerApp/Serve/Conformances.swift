public import TowerEngine
public import TowerPipeline

// The pipeline names what it needs of the engine; here they meet.
extension Engine: EngineCore {}

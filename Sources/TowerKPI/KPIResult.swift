import TowerModel

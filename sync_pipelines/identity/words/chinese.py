"""What stands in the names of Chinese firms besides the brand: legal form, region, trade. In simplified script."""

# Longest first, as they are taken off the end.
FORMS = (
    "集团股份有限公司", "集团有限责任公司", "股份有限责任公司", "集团有限公司", "股份有限公司", "有限责任公司",
    "国有独资公司", "股份合作公司", "有限合伙企业", "普通合伙企业", "特殊普通合伙", "个人独资企业", "农民专业合作社",
    "个体工商户", "集团总公司", "有限公司", "股份公司", "责任公司", "合作公司", "集团公司", "合伙企业", "有限合伙",
    "普通合伙", "专业合作社", "株式会社", "合同会社", "有限会社", "总公司", "合作社", "公司", "集团", "股份", "企业",
    "有限", "控股",
)  # fmt: skip
FORMS_IN_BRACKETS = ("株", "有", "代", "财")  # Japan's short ones

# What marks a branch or an outpost: it comes after the form of the firm, or ends the name.
BRANCHES = (
    "分公司", "分店", "分厂", "分部", "分行", "支行", "办事处", "营业部", "代表处", "经营部", "门市部", "项目部",
    "分院", "分校", "分社", "营业厅", "分所",
)  # fmt: skip

PROVINCES = (
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古",
    "广西", "西藏", "宁夏", "新疆", "香港", "澳门", "中国",
)  # fmt: skip

# What firms do, in both languages: it tells firms of one brand apart, but many firms share it.
TRADES = {
    "进出口贸易": "import export trading", "进出口": "import export", "国际贸易": "international trading",
    "贸易": "trading", "商贸": "trading", "经贸": "trading", "工贸": "industry trading", "外贸": "trading",
    "电子商务": "ecommerce", "电子科技": "electronics technology", "信息科技": "information technology",
    "信息技术": "information technology", "网络科技": "network technology", "生物科技": "biotechnology",
    "科技发展": "technology development", "科技": "technology", "技术": "technology", "电子": "electronics",
    "信息": "information", "网络": "network", "软件": "software", "通信": "communication", "通讯": "communication",
    "半导体": "semiconductor", "集成电路": "integrated circuit", "电气": "electric", "电器": "electric appliance",
    "电力": "power", "电机": "motor", "电缆": "cable", "电池": "battery", "机械设备": "machinery equipment",
    "机械制造": "machinery manufacturing", "机械": "machinery", "机电": "electromechanical", "机床": "machine tool",
    "自动化设备": "automation equipment", "自动化": "automation", "智能": "intelligent", "设备": "equipment",
    "仪器": "instrument", "仪表": "instrument", "精密模具": "precision mould", "精密": "precision", "模具": "mould",
    "五金制品": "hardware products", "五金": "hardware", "金属制品": "metal products", "金属": "metal",
    "钢铁": "steel", "铝业": "aluminium", "不锈钢": "stainless steel", "有色金属": "nonferrous metals",
    "轴承": "bearing", "阀门": "valve", "汽车零部件": "auto parts", "汽车配件": "auto parts", "汽车": "automobile",
    "摩托车": "motorcycle", "零部件": "parts", "配件": "parts", "化工": "chemical", "化学": "chemical",
    "石化": "petrochemical", "石油": "petroleum", "新材料": "new materials", "材料": "materials", "塑料": "plastic",
    "塑胶": "plastic", "橡胶": "rubber", "涂料": "coating", "玻璃": "glass", "陶瓷": "ceramics",
    "建材": "building materials", "建筑工程": "construction engineering", "建筑": "construction",
    "建设": "construction", "工程": "engineering", "装饰": "decoration", "房地产开发": "real estate development",
    "房地产": "real estate", "置业": "property", "物业管理": "property management", "物业": "property",
    "家具": "furniture", "家居": "home", "木业": "wood", "纸业": "paper", "印刷": "printing",
    "包装材料": "packaging materials", "包装": "packaging", "纺织品": "textile", "纺织": "textile", "服装": "garment",
    "服饰": "apparel", "鞋业": "shoes", "皮革": "leather", "针织": "knitting", "印染": "dyeing", "食品": "foods",
    "饮料": "beverage", "酒业": "liquor", "粮油": "grain oil", "农业": "agriculture",
    "农业科技": "agricultural technology", "水产": "aquatic", "饲料": "feed", "茶业": "tea",
    "餐饮管理": "catering management", "餐饮": "catering", "酒店": "hotel", "旅游": "tourism", "国际旅行社": "travel",
    "医疗器械": "medical devices", "医疗": "medical", "医药": "pharmaceutical", "制药": "pharmaceutical",
    "药业": "pharmaceutical", "生物": "bio", "健康": "health", "环保": "environmental protection",
    "环境": "environment", "新能源": "new energy", "能源": "energy", "光伏": "photovoltaic",
    "光电": "optoelectronics", "照明": "lighting", "光学": "optics", "供应链管理": "supply chain management",
    "供应链": "supply chain", "国际物流": "international logistics", "物流": "logistics",
    "货运代理": "freight forwarding", "货运": "freight", "运输": "transport", "航空": "aviation", "船舶": "ship",
    "快递": "express", "投资管理": "investment management", "投资": "investment", "资产管理": "asset management",
    "金融": "finance", "银行": "bank", "保险": "insurance", "证券": "securities", "基金": "fund", "租赁": "leasing",
    "咨询": "consulting", "企业管理": "management", "管理": "management", "服务": "services",
    "文化传媒": "culture media", "文化传播": "culture", "文化": "culture", "传媒": "media", "广告": "advertising",
    "影视": "film", "教育科技": "education technology", "教育": "education", "培训": "training",
    "人力资源": "human resources", "百货": "department store", "超市": "supermarket", "商业": "commercial",
    "实业": "industrial", "工业": "industry", "产业": "industry", "制造": "manufacturing", "制品": "products",
    "用品": "products", "开发": "development", "发展": "development", "国际": "international", "工艺品": "crafts",
    "礼品": "gifts", "玩具": "toys", "珠宝": "jewelry", "化妆品": "cosmetics", "日化": "daily chemical",
    "体育": "sports", "安防": "security", "消防": "fire", "研究院": "institute", "研究所": "institute",
    "设计": "design", "电梯": "elevator", "空调": "air conditioning", "厂": "factory", "商行": "trading",
    "乳业": "dairy", "牧业": "livestock", "矿业": "mining", "林业": "forestry", "渔业": "fishery",
    "鞋厂": "shoe factory",    "客车": "bus", "重工": "heavy industry", "速运": "express",
    "速递": "express", "动力": "power", "机器": "machinery",
    "数控": "numerical control", "制冷设备": "refrigeration equipment", "暖通设备": "heating ventilation equipment",
    "文具": "stationery", "电线电缆": "wire cable", "电源": "power supply", "门窗": "doors windows",
    "卫浴": "sanitary ware",    "灯饰": "lighting", "制衣": "garment", "药房": "pharmacy", "大药房": "pharmacy",
    "大酒店": "hotel", "饭店": "hotel",
    "宾馆": "hotel", "日用品": "daily products", "日用化学": "daily chemical", "家用电器": "household appliances",
    "生物医药": "biopharmaceutical", "生物医疗": "biomedical", "企业管理咨询": "management consulting",
    "管理咨询": "management consulting", "信息系统": "information systems", "计算机": "computer", "电脑": "computer",
    "集装箱": "container", "造船": "shipbuilding", "液压": "hydraulic", "园林": "landscaping", "种业": "seed",
    "商店": "store", "中心": "center", "事务所": "office", "医院": "hospital",
}  # fmt: skip

"""What Chinese firms, streets and people are called, how that is spelled in Latin letters and in traditional script."""

from sync_pipelines.simulation.customers.words import Place

PLACES = (
    Place("上海", "200040", "21", "南京西路", "上海"), Place("宁波", "315000", "574", "中山东路", "浙江"),
    Place("深圳", "518000", "755", "深南大道", "广东"), Place("苏州", "215000", "512", "人民路", "江苏"),
    Place("青岛", "266000", "532", "香港中路", "山东"), Place("广州", "510000", "20", "天河路", "广东"),
    Place("杭州", "310000", "571", "文三路", "浙江"), Place("南京", "210000", "25", "中山南路", "江苏"),
    Place("东莞", "523000", "769", "鸿福路", "广东"), Place("无锡", "214000", "510", "中山路", "江苏"),
    Place("成都", "610000", "28", "人民南路", "四川"), Place("武汉", "430000", "27", "解放大道", "湖北"),
)  # fmt: skip
SPELLED = {
    "上海": "Shanghai", "宁波": "Ningbo", "深圳": "Shenzhen", "苏州": "Suzhou", "青岛": "Qingdao", "广州": "Guangzhou",
    "杭州": "Hangzhou", "南京": "Nanjing", "东莞": "Dongguan", "无锡": "Wuxi", "成都": "Chengdu", "武汉": "Wuhan",
}  # fmt: skip
REGIONS = {  # the first six digits of a 统一社会信用代码: where the firm was registered
    "上海": "310101", "宁波": "330203", "深圳": "440304", "苏州": "320508", "青岛": "370202", "广州": "440106",
    "杭州": "330106", "南京": "320106", "东莞": "441900", "无锡": "320211", "成都": "510104", "武汉": "420106",
}  # fmt: skip
FIRST = (  # the two characters of a firm's own name, with their sound; no sound twice in one list
    ("永", "yong"), ("华", "hua"), ("东", "dong"), ("恒", "heng"), ("金", "jin"), ("天", "tian"), ("瑞", "rui"),
    ("长", "chang"), ("海", "hai"), ("明", "ming"), ("国", "guo"), ("新", "xin"), ("宏", "hong"), ("盛", "sheng"),
    ("龙", "long"), ("万", "wan"), ("安", "an"), ("远", "yuan"), ("兴", "xing"), ("云", "yun"), ("飞", "fei"),
    ("佳", "jia"), ("中", "zhong"), ("思", "si"), ("润", "run"), ("百", "bai"), ("博", "bo"), ("凯", "kai"),
    ("联", "lian"), ("广", "guang"),
)  # fmt: skip
SECOND = (
    ("泰", "tai"), ("信", "xin"), ("达", "da"), ("合", "he"), ("丰", "feng"), ("城", "cheng"), ("纳", "na"),
    ("德", "de"), ("美", "mei"), ("康", "kang"), ("源", "yuan"), ("腾", "teng"), ("顺", "shun"), ("利", "li"),
    ("富", "fu"), ("通", "tong"), ("洋", "yang"), ("庆", "qing"), ("光", "guang"), ("基", "ji"), ("邦", "bang"),
    ("创", "chuang"), ("辉", "hui"), ("荣", "rong"), ("祥", "xiang"), ("佰", "bai"), ("宇", "yu"), ("隆", "long"),
    ("捷", "jie"), ("科", "ke"),
)  # fmt: skip
TRADES = (
    ("机械", "Machinery"), ("电子科技", "Electronics Technology"), ("纺织", "Textile"), ("医疗器械", "Medical Devices"),
    ("包装材料", "Packaging Materials"), ("进出口贸易", "Import & Export"), ("新材料", "New Materials"),
    ("自动化设备", "Automation Equipment"), ("食品", "Foods"), ("光电", "Optoelectronics"), ("物流", "Logistics"),
    ("精密模具", "Precision Mould"), ("化工", "Chemical"), ("家具", "Furniture"), ("汽车零部件", "Auto Parts"),
    ("五金制品", "Hardware Products"),
)  # fmt: skip
FAMILY_NAMES = (
    ("王", "Wang"), ("李", "Li"), ("张", "Zhang"), ("刘", "Liu"), ("陈", "Chen"), ("杨", "Yang"), ("赵", "Zhao"),
    ("黄", "Huang"), ("周", "Zhou"), ("吴", "Wu"), ("徐", "Xu"), ("孙", "Sun"), ("欧阳", "Ouyang"), ("马", "Ma"),
)  # fmt: skip
GIVEN_NAMES = (
    ("伟", "Wei"), ("丽", "Li"), ("敏", "Min"), ("强", "Qiang"), ("静", "Jing"), ("洋", "Yang"), ("艳", "Yan"),
    ("建国", "Jianguo"), ("晓明", "Xiaoming"), ("秀英", "Xiuying"), ("志强", "Zhiqiang"), ("海燕", "Haiyan"),
    ("雨", "Yu"), ("欣怡", "Xinyi"), ("浩然", "Haoran"),
)  # fmt: skip
ENGLISH_FORM = "Co., Ltd."
LOOKALIKES = {  # mistaken for one another when typed by sound or by shape
    "泰": "太", "恒": "衡", "华": "化", "达": "大", "丰": "峰", "瑞": "端", "宏": "鸿", "德": "得", "康": "庚",
    "源": "原", "顺": "训", "荣": "容", "辉": "晖", "捷": "婕", "博": "搏", "凯": "恺", "城": "成", "明": "名",
    "海": "悔", "新": "欣", "盛": "胜", "安": "按", "远": "元", "兴": "星", "佳": "家", "润": "闰", "基": "其",
    "利": "丽", "宇": "雨",
}  # fmt: skip
_SIMPLE = (
    "万东丰丽云会伟兴凯刘创动医华厦号吴团国备孙宁岛广庆张强恒无晓机杨欧汉润滨电疗码纳"
    "纺织统联腾艳苏荣装设责贸赵车辉达进远锡锦长门阳陈静顺飞马鸿黄龙"
)
_FULL = (  # letter for letter
    "萬東豐麗雲會偉興凱劉創動醫華廈號吳團國備孫寧島廣慶張強恆無曉機楊歐漢潤濱電療碼納"
    "紡織統聯騰豔蘇榮裝設責貿趙車輝達進遠錫錦長門陽陳靜順飛馬鴻黃龍"
)
TRADITIONAL = str.maketrans(_SIMPLE, _FULL)

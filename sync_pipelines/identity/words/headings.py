"""What columns are called in the exports that people have, by what they hold.

English, Chinese, Japanese, Korean and the languages of Europe; with the field names of shops, CRM and ERP systems.
Blanks, signs, case and accents do not count: `Raison sociale`, `raison_sociale` and `RaisonSociale` are one.
"""

from collections.abc import Mapping

HEADINGS: Mapping[str, str] = {
    "id": "id recid recordid rowid uid key pk 编号 序号 entityid internalid 内码",
    "name": (
        "name companyname company firm firma organisation organization account accountname customername customer "
        "businessname legalname tradename sitename title nom raisonsociale denominazione razonsocial nombre "
        "empresa naam bedrijfsnaam nazwa partyname firmname unternehmen kundenname orgname business supplier "
        "vendor merchant site name1 displayname completename recname tradingname registeredname companytitle "
        "firmenname firmenbezeichnung firmierung unternehmensname geschaftspartner kunde lieferant debitor kreditor "
        "denomination denominationsociale societe nomsociete entreprise nomentreprise nomcommercial nomclient client "
        "nombreempresa nombrecomercial denominacionsocial nombrecliente cliente proveedor "
        "ragionesociale azienda nomeazienda nomecliente fornitore handelsnaam klantnaam klant statutairenaam "
        "nazwafirmy klient razaosocial nomefantasia nomeempresa foretagsnamn firmanavn virksomhedsnavn navn namn "
        "nazev nazevfirmy obchodnifirma cegnev denumire unvan firmaunvani sirketadi toiminimi "
        "наименование название организация компания контрагент "
        "公司名称 客户名称 企业名称 公司 名称 客户 单位名称 客户名 公司名 企业 供应商 供应商名称 "
        "全称 客户全称 公司全称 企业全称 单位全称 单位 往来单位 往来单位名称 简称 客户简称 公司简称 企业简称 "
        "发票抬头 开票名称 單位名稱 公司名稱 客戶名稱 "
        "会社名 法人名 商号 取引先名 得意先名 顧客名 회사명 상호 업체명 거래처명 고객명"
    ),
    "person": (
        "fullname personname contactname contact person contactperson ansprechpartner contacto contatto "
        "contactpersoon interlocuteur 联系人 姓名 联系人姓名 担当者 担当者名 氏名 담당자 이름"
    ),
    "given_name": "givenname firstname forename vorname prenom fname first nombrepila voornaam imie fornavn 名",
    "surname": (
        "surname lastname familyname nachname nomdefamille lname last apellido apellidos cognome achternaam "
        "nazwisko efternavn 姓"
    ),
    "street": (
        "address addr street address1 addr1 addressline1 streetaddress strasse strassehausnummer adresse rue "
        "calle indirizzo adres billingstreet billingaddress addressline streetname line1 anschrift endereco "
        "direccion domicilio straat ulica adress gatuadress vej gade "
        "adresseligne1 rechnungsadresse firmenanschrift adresa adres1 адрес "
        "地址 详细地址 公司地址 街道 通讯地址 注册地址 联系地址 地址1 住所 所在地 주소"
    ),
    "number": "streetnumber housenumber hausnummer hausnr houseno streetno number streetnr numero huisnummer 番地",
    "city": (
        "city town ort stadt suburb locality ville ciudad citta plaats miasto billingcity municipality wohnort "
        "commune localite poblacion localidad comune woonplaats miejscowosc cidade stad postort mesto obec sehir "
        "город 城市 市 所在城市 所在市 市区町村 도시"
    ),
    "region": (
        "state region province county bundesland billingstate statecode stateid provincia departement wojewodztwo "
        "provincie estado 省 省份 地区 所在省份 所在省 neighborhood neighbourhood district 都道府県"
    ),
    "postal_code": (
        "postcode zip zipcode postalcode plz postleitzahl codepostal cp cap kodpocztowy billingpostalcode "
        "zippostal codigopostal cep postnummer postnr psc iranyitoszam индекс 邮编 邮政编码 郵便番号 우편번호"
    ),
    "country": (
        "country countrycode land pays pais paese kraj nation billingcountry iso2 countryid staat nazione "
        "страна 国家 国别 国 국가"
    ),
    "phone": (
        "phone telephone tel phonenumber telefon fon mobile cell cellphone handy telefono telefoon fax phone1 "
        "phone2 phonehome phonework telefax mobil mobilephone telephonenumber tel1 telnumber telefonnummer "
        "rufnummer telefonnr telnr numerotelephone tlf puhelin telefone celular gsm телефон "
        "电话 手机 联系电话 手机号 手机号码 电话号码 传真 座机 固定电话 電話番号 전화 전화번호 휴대폰"
    ),
    "email": (
        "email mail emailaddress mailadresse emailadresse courriel correo correoelectronico e emailid epost "
        "adressemail 邮箱 电子邮箱 电子邮件 邮件 邮箱地址 メール メールアドレス 이메일"
    ),
    "website": (
        "website web url homepage site internet domain webseite www webaddress weburl siteweb domainname "
        "companydomain companydomainname internetseite sitioweb paginaweb sitoweb "
        "网址 网站 官网 公司网址 ホームページ 홈페이지"
    ),
    "tax_id": (
        "taxid vat vatid vatnumber ustid ustidnr uid taxnumber ein tin nip siret siren cif nif piva partitaiva "
        "steuernummer abn gst gstin vatregistration vatno taxno taxcode cnpj rfc uscc creditcode taxregistercode "
        "taxregistrationnumber taxpayerid taxpayeridentificationnumber vatregno vatreg vatregistrationnumber vatnum "
        "umsatzsteueridentifikationsnummer umsatzsteuerid umsatzsteueridnr ustidentifikationsnummer steuernr "
        "numerotva tva tvaintracommunautaire numtva nodetva btw btwnummer btwnr codicefiscale codfiscale "
        "momsnummer momsregnr orgnr organisationsnummer organisasjonsnummer cvr cvrnummer ytunnus dic ico adoszam "
        "vkn verginumarasi nipc инн unifiedsocialcreditcode socialcreditcode taxidentificationnumber taxidentifier "
        "统一社会信用代码 税号 纳税人识别号 信用代码 社会信用代码 税务登记号 统一信用代码 统一代码 纳税识别号 "
        "纳税登记号 税务登记证号 纳税人税号 营业执照号 法人番号 사업자등록번호"
    ),
    "reference": (
        "socsecid ssn registrationnumber companynumber regno duns dunsnumber lei crn handelsregister hrb "
        "handelsregisternummer customernumber passport idnumber nationalid isbn gtin ean upc sku krs regon kvk "
        "kvknummer 注册号 身份证号"
    ),
    "date": (
        "dateofbirth dob birthdate birthday born geburtsdatum founded incorporationdate foundingdate "
        "出生日期 成立日期"
    ),
}  # fmt: skip

/**
 * Phone numbers in E.164 and their countries. SMS to some countries cost a hundred times more than
 * to others, which attracts fraud, so each household lists the countries it allows.
 */

const separators = /[\s().\-/\u2010-\u2015\u00a0]/g

/**
 * As `+4917012345678`; null without a country code. All spellings of a number give the same result,
 * because the limits on SMS count by it.
 */
export function phoneNumber(typed: string): string | null {
  const number = withoutTrunkZero(typed.replace(separators, '').replace(/^00/, '+'))
  return number !== null && /^\+[1-9]\d{6,14}$/.test(number) ? number : null
}

/** The zero of a national number is omitted after the country code. */
function withoutTrunkZero(number: string): string | null {
  const code = number.startsWith('+') ? codeOf(number) : null
  if (code === null) return null
  const rest = number.slice(1 + code.length)
  if (!rest.startsWith('0') || ownZeros.has(code)) return number
  return trunkZeros.has(code) && !rest.startsWith('00') ? `+${code}${rest.slice(1)}` : null
}

/** Whether SMS to it are allowed. Numbers that cost extra never are. */
export const isIn = (number: string, countries: readonly string[]): boolean =>
  !costsExtra(number) && countriesOf(number).some((country) => countries.includes(country))

/** Premium, shared-cost and personal numbers. */
export const costsExtra = (number: string): boolean =>
  extraRanges.some((range) => range.test(number))

/** ISO 3166. Some codes are shared by several countries. */
export const countriesOf = (number: string): readonly string[] =>
  byCode.get(codeOf(number) ?? '') ?? []

/** The longest matching code. */
function codeOf(number: string): string | null {
  for (let length = 4; length > 0; length -= 1) {
    const code = number.slice(1, 1 + length)
    if (byCode.has(code)) return code
  }
  return null
}

/** `code:countries`, by code. Other countries than the US and Canada in +1 have four digits. */
const codes = `
1:US 20:EG 211:SS 212:MA,EH 213:DZ 216:TN 218:LY 220:GM 221:SN 222:MR 223:ML 224:GN 225:CI 226:BF
227:NE 228:TG 229:BJ 230:MU 231:LR 232:SL 233:GH 234:NG 235:TD 236:CF 237:CM 238:CV 239:ST 240:GQ
241:GA 242:CG 243:CD 244:AO 245:GW 246:IO 248:SC 249:SD 250:RW 251:ET 252:SO 253:DJ 254:KE 255:TZ
256:UG 257:BI 258:MZ 260:ZM 261:MG 262:RE,YT 263:ZW 264:NA 265:MW 266:LS 267:BW 268:SZ 269:KM 27:ZA
290:SH 291:ER 297:AW 298:FO 299:GL 30:GR 31:NL 32:BE 33:FR 34:ES 350:GI 351:PT 352:LU 353:IE 354:IS
355:AL 356:MT 357:CY 358:FI,AX 359:BG 36:HU 370:LT 371:LV 372:EE 373:MD 374:AM 375:BY 376:AD 377:MC
378:SM 380:UA 381:RS 382:ME 383:XK 385:HR 386:SI 387:BA 389:MK 39:IT,VA 40:RO 41:CH 420:CZ 421:SK
423:LI 43:AT 44:GB,GG,IM,JE 45:DK 46:SE 47:NO,SJ 48:PL 49:DE 500:FK 501:BZ 502:GT 503:SV 504:HN
505:NI 506:CR 507:PA 508:PM 509:HT 51:PE 52:MX 53:CU 54:AR 55:BR 56:CL 57:CO 58:VE 590:GP,BL,MF
591:BO 592:GY 593:EC 594:GF 595:PY 596:MQ 597:SR 598:UY 599:CW,BQ 60:MY 61:AU,CX,CC 62:ID 63:PH
64:NZ 65:SG 66:TH 670:TL 672:NF 673:BN 674:NR 675:PG 676:TO 677:SB 678:VU 679:FJ 680:PW 681:WF
682:CK 683:NU 685:WS 686:KI 687:NC 688:TV 689:PF 690:TK 691:FM 692:MH 7:RU 76:KZ 77:KZ 81:JP 82:KR 84:VN
850:KP 852:HK 853:MO 855:KH 856:LA 86:CN 880:BD 886:TW 90:TR 91:IN 92:PK 93:AF 94:LK 95:MM 960:MV
961:LB 962:JO 963:SY 964:IQ 965:KW 966:SA 967:YE 968:OM 970:PS 971:AE 972:IL 973:BH 974:QA 975:BT
976:MN 977:NP 98:IR 992:TJ 993:TM 994:AZ 995:GE 996:KG 998:UZ
1242:BS 1246:BB 1264:AI 1268:AG 1284:VG 1340:VI 1345:KY 1441:BM 1473:GD 1649:TC 1658:JM 1664:MS
1670:MP 1671:GU 1684:AS 1721:SX 1758:LC 1767:DM 1784:VC 1787:PR 1809:DO 1829:DO 1849:DO 1868:TT
1869:KN 1876:JM 1939:PR`

/** The last row is for satellites and machines, anywhere in Canada. */
const canadianAreas = `204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 387 403 416 418
428 431 437 438 450 460 468 474 506 514 519 537 548 579 581 584 587 604 613 639 647 672 683 705 709
742 753 778 780 782 807 819 825 867 873 879 902 905 942
600 622 633 644 655 677 688`

/** Countries where national numbers begin with a zero that is omitted from abroad. */
const trunkCodes = `20 212 213 233 234 249 251 254 255 256 263 264 27 31 32 33 353 355 358 359 373
374 380 381 382 385 386 387 389 40 41 421 43 44 46 49 51 54 55 58 60 61 62 63 64 66 81 82 84 855 86
880 886 90 91 92 93 94 95 962 963 964 966 967 970 971 972 977 98 994 995`

const words = (text: string): string[] => text.trim().split(/\s+/)

const trunkZeros: ReadonlySet<string> = new Set(words(trunkCodes))
/** Countries where the leading zero belongs to the number. */
const ownZeros: ReadonlySet<string> = new Set(words('39 378 225 241 242 76 77'))

/** For countries that speak the supported languages, and their neighbours. */
const extraRanges: readonly RegExp[] = [
  /^\+1(?:900|976|700|\d{3}976|6(?:00|22|33|44|55|77|88))/,
  // Personal numbers, which may forward to any number.
  /^\+15(?:00|2[1-9]|3[2358]|4[2-79]|5[02-468]|6[69]|7[78]|8[89])/,
  // 7624 are mobiles of the Isle of Man, within the range of pagers.
  /^\+44(?:70|76(?!24)|8[47]|9|118)/,
  // Mobiles begin with 15, 16 or 17.
  /^\+49(?:1[^567]|700|900)/,
  /^\+43(?:118|8[12]|90|93)/,
  /^\+41(?:18|84|87|90)/,
  /^\+338/,
  /^\+34(?:118|70|80[367]|90[1257])/,
  /^\+39(?:[1247]|84|89)/,
  /^\+31(?:67|8[47]|90)/,
  /^\+32(?:70|78|90)/,
]

const byCode: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...words(codes).map((entry) => {
    const [code = '', countries = ''] = entry.split(':')
    return [code, countries.split(',')] as const
  }),
  ...words(canadianAreas).map((area) => [`1${area}`, ['CA']] as const),
])

/** Every country that a number can be in. */
export const allCountries: ReadonlySet<string> = new Set([...byCode.values()].flat())

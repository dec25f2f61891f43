"""What went wrong and what to do about it, by HTTP status."""

from collections.abc import Mapping

from app.domain.text import T, Text

TITLES: Mapping[int, Text] = {
    400: T("请求格式不正确"),
    401: T("请先登录"),
    403: T("没有权限"),
    404: T("没有找到"),
    405: T("不支持此操作"),
    409: T("内容已发生变化"),
    413: T("上传内容过大"),
    415: T("不支持的内容类型"),
    422: T("填写内容有误"),
    429: T("操作过于频繁"),
    500: T("系统出现故障"),
    503: T("系统暂时不可用"),
}
